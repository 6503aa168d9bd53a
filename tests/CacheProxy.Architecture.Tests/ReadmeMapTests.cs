using System.Text.RegularExpressions;
using CacheProxy.TestKit;

namespace CacheProxy.Architecture.Tests;

/// <summary>The README's folder map (heading <c>## Map</c>, a table whose first column names paths in backticks) is the tree itself.</summary>
public partial class ReadmeMapTests
{
    private static readonly string[] MapPaths = ReadMap();

    [Fact]
    public void Map_Paths_Exist()
        => Findings.AssertNone(MapPaths.Where(path => !Path.Exists(Repository.File(path.Split('/')))).Select(path => path + " is absent"));

    [Fact]
    public void Map_Holds_EverySourceFolder()
        => Findings.AssertNone(SourceFolders().Except(MapPaths));

    [Fact]
    public void Map_Holds_EveryTestProject()
        => Findings.AssertNone(FoldersIn("tests").Except(MapPaths));

    private static IEnumerable<string> SourceFolders()
        => FoldersIn("src").SelectMany(project => FoldersIn(project).Prepend(project));

    private static IEnumerable<string> FoldersIn(string parent)
        => Directory.EnumerateDirectories(Repository.File(parent.Split('/'))).Where(HoldsFiles).Select(Path.GetFileName)
            .Where(name => name is not ("bin" or "obj" or "Properties" or "node_modules")).Select(name => $"{parent}/{name}");

    // A folder that only a former build filled is not a folder of the repository.
    private static bool HoldsFiles(string folder)
        => Directory.EnumerateFiles(folder).Any()
            || Directory.EnumerateDirectories(folder).Any(inner => Path.GetFileName(inner) is not ("bin" or "obj") && HoldsFiles(inner));

    private static string[] ReadMap()
    {
        string readme = File.ReadAllText(Repository.File("README.md"));
        string map = Section().Match(readme).Value;
        return [.. FirstColumn().Matches(map).SelectMany(row => Quoted().Matches(row.Value)).Select(path => path.Groups[1].Value.TrimEnd('/'))];
    }

    [GeneratedRegex(@"^## Map\n.*?(?=^## |\z)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Section();

    [GeneratedRegex(@"^\|[^|\n]*\|", RegexOptions.Multiline)]
    private static partial Regex FirstColumn();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
