using System.Xml.Linq;
using CacheProxy.TestKit;

namespace CacheProxy.Architecture.Tests;

/// <summary>Which project of src may know which, and what each must not know at all.</summary>
public class ProjectArrowsTests
{
    public static TheoryData<string, string[]> Arrows => new()
    {
        { "CacheProxy.Protocol", [] },
        { "CacheProxy.Onnx", [] },
        { "CacheProxy.Inference", ["CacheProxy.Onnx"] },
        { "CacheProxy.Inference.Server", ["CacheProxy.Inference", "CacheProxy.Onnx", "CacheProxy.Protocol"] },
        { "CacheProxy", ["CacheProxy.Inference.Server", "CacheProxy.Onnx", "CacheProxy.Protocol"] },
    };

    [Fact]
    public void Projects_InSrc_AreExactlyTheOnesWithArrows()
        => Assert.Equal(
            Arrows.Select(row => row.Data.Item1).Order(StringComparer.Ordinal),
            Directory.EnumerateDirectories(Repository.File("src")).Select(Path.GetFileName)
                .Where(name => !name!.StartsWith('.')).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Arrows))]
    public void Project_References_FollowTheArrows(string project, string[] allowed)
        => Findings.AssertNone(Items(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))).Except(allowed));

    [Fact]
    public void Protocol_Packages_AreNone()
        => Findings.AssertNone(Items("CacheProxy.Protocol", "PackageReference"));

    [Theory]
    [InlineData("CacheProxy.Onnx")]
    [InlineData("CacheProxy.Inference")]
    public void Engine_Sources_KnowNoHttp(string project)
    {
        string[] http = ["System.Net", "Microsoft.AspNetCore", "CacheProxy.Protocol"];
        Findings.AssertNone(
            from file in SourceFile.Under($"src/{project}")
            from name in file.DottedNames
            where http.Any(banned => name == banned || name.StartsWith(banned + ".", StringComparison.Ordinal))
            select $"{file.Path}: {name}");
    }

    [Fact]
    public void Proxy_Sources_NameTheBackendInTheCompositionRootOnly()
        => Findings.AssertNone(
            from file in SourceFile.Under("src/CacheProxy")
            where file.FolderIn("src/CacheProxy") is not ("" or "Pipeline")
            from name in file.DottedNames
            where name.StartsWith("CacheProxy.Inference.", StringComparison.Ordinal)
            select $"{file.Path}: {name}");

    private static IEnumerable<string> Items(string project, string kind)
        => XDocument.Load(Repository.File("src", project, project + ".csproj")).Descendants(kind).Select(item => (string)item.Attribute("Include")!);
}
