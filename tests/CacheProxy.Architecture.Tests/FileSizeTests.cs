using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace CacheProxy.Architecture.Tests;

public class FileSizeTests
{
    private const int FileCeiling = 400;
    private const int MethodCeiling = 80;

    private static readonly IReadOnlyList<SourceFile> Files = SourceFile.Under("src");

    [Fact]
    public void Files_InSrc_StayUnderTheCeiling()
        => Findings.AssertNone(Files.Where(f => f.Lines > FileCeiling).Select(f => $"{f.Path}: {f.Lines} lines"));

    [Fact]
    public void Methods_InSrc_StayUnderTheCeiling()
        => Findings.AssertNone(
            from file in Files
            from node in file.Root.DescendantNodes()
            where node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax
            let span = node.SyntaxTree.GetLineSpan(node.Span)
            let lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1
            where lines > MethodCeiling
            select $"{file.Path}:{span.StartLinePosition.Line + 1}: {lines} lines");
}
