using CacheProxy.TestKit;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CacheProxy.Architecture.Tests;

/// <summary>One C# file of src, parsed. <see cref="Path"/> is relative to the repository, with slashes.</summary>
internal sealed class SourceFile
{
    private static readonly EnumerationOptions EveryFile = new() { RecurseSubdirectories = true };

    private SourceFile(string path, string text)
    {
        Path = path;
        Lines = text.Split('\n').Length - (text.EndsWith('\n') ? 1 : 0);
        Root = CSharpSyntaxTree.ParseText(text).GetCompilationUnitRoot();
    }

    public string Path { get; }

    public int Lines { get; }

    public CompilationUnitSyntax Root { get; }

    /// <summary>Folder below <paramref name="project"/> in which the file lies, dotted (<c>Stores.Memory</c>), empty for the project's own folder.</summary>
    public string FolderIn(string project)
    {
        string[] parts = Path[(project.Length + 1)..].Split('/');
        return string.Join('.', parts[..^1]);
    }

    public IEnumerable<string> Namespaces =>
        Root.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().Select(n => n.Name.ToString());

    public IEnumerable<string> TypeNames =>
        Root.DescendantNodes().Where(n => n is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax).Select(n => n switch
        {
            BaseTypeDeclarationSyntax type => type.Identifier.Text,
            DelegateDeclarationSyntax type => type.Identifier.Text,
            _ => "",
        });

    /// <summary>What the using directives name, and every dotted name in the code itself, aliases resolved to their target.</summary>
    public IEnumerable<string> DottedNames =>
        Root.DescendantNodes().OfType<UsingDirectiveSyntax>().Select(u => u.NamespaceOrType.ToString())
            .Concat(Root.DescendantNodes().Where(IsOutermostDottedName).Select(n => n.ToString().Replace("global::", "")));

    /// <param name="folder">Relative to the repository, with slashes.</param>
    public static IReadOnlyList<SourceFile> Under(string folder)
    {
        string root = Repository.File(folder.Split('/'));
        return
        [
            .. Directory.EnumerateFiles(root, "*.cs", EveryFile)
                .Select(path => System.IO.Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
                .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or ".packages"))
                .Order(StringComparer.Ordinal)
                .Select(path => new SourceFile(path, File.ReadAllText(Repository.File(path.Split('/'))))),
        ];
    }

    private static bool IsOutermostDottedName(SyntaxNode node) => node switch
    {
        QualifiedNameSyntax => node.Parent is not (QualifiedNameSyntax or BaseNamespaceDeclarationSyntax or UsingDirectiveSyntax),
        MemberAccessExpressionSyntax => node.Parent is not MemberAccessExpressionSyntax,
        _ => false,
    };
}
