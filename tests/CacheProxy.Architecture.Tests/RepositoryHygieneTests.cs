using System.Diagnostics;
using System.Text.RegularExpressions;
using CacheProxy.TestKit;

namespace CacheProxy.Architecture.Tests;

/// <summary>What no tracked file may hold. The patterns are written so that they don't match themselves.</summary>
public class RepositoryHygieneTests
{
    private const int DataFileBytes = 2 << 20;

    private static readonly string[] Written = [".cs", ".csproj", ".props", ".targets", ".md", ".js", ".mjs", ".sh", ".yml", ".yaml", ".html", ".css", ""];

    [Theory]
    [InlineData("machine path", @"(?<![\w.~$})\]*/-])[/](work|root|home)/")]
    [InlineData("machine path", @"\bC:\\[U]sers\\")]
    [InlineData("package registry", @"\b(api|www)\.nuget\.[o]rg\b")]
    [InlineData("package registry", @"\bregistry\.npmjs\.[o]rg\b")]
    [InlineData("package registry", @"\b(deb|security)\.debian\.[o]rg\b")]
    [InlineData("resolved address", "\"resolved\"\\s*:\\s*\"[h]ttp")]
    public void TrackedFiles_OfAnyKind_NameNo(string what, string pattern)
        => AssertNowhere(what, pattern, TrackedFiles());

    [Theory]
    [InlineData("unfinished mark", @"\b([T]ODO|[F]IXME|[H]ACK|[N]otImplementedException)\b")]
    [InlineData("authorship", @"(?i)\b[c]o-authored-by\b")]
    [InlineData("authorship", @"(?i)\b([g]enerated|[w]ritten|[m]ade) (by|with) (an? )?(ai|llm|assistant|agent)\b")]
    [InlineData("authorship", @"(?i)\b(ai|llm)-([g]enerated|[w]ritten|[a]ssisted)\b")]
    [InlineData("issue number", @"(?i)\b[i]ssue #?\d+")]
    public void WrittenFiles_NameNo(string what, string pattern)
        => AssertNowhere(what, pattern, TrackedFiles().Where(path => Written.Contains(Path.GetExtension(path))));

    private static void AssertNowhere(string what, string pattern, IEnumerable<string> paths)
    {
        var regex = new Regex(pattern, RegexOptions.Compiled);
        Findings.AssertNone(
            from path in paths
            from line in File.ReadLines(Repository.File(path.Split('/'))).Index()
            where regex.IsMatch(line.Item)
            select $"{what} in {path}:{line.Index + 1}");
    }

    /// <summary>Files that git tracks (or would, if added now), binary ones and large data left out.</summary>
    private static List<string> TrackedFiles()
    {
        Assert.SkipUnless(Path.Exists(Repository.File(".git")), "not a git checkout");
        var start = new ProcessStartInfo("git", "ls-files --cached --others --exclude-standard") { WorkingDirectory = Repository.Root, RedirectStandardOutput = true };
        using Process git = Process.Start(start)!;
        string[] paths = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return [.. paths.Where(IsReadableText)];
    }

    private static bool IsReadableText(string path)
    {
        var file = new FileInfo(Repository.File(path.Split('/')));
        if (!file.Exists || file.Length > DataFileBytes)
        {
            return false;
        }

        Span<byte> head = stackalloc byte[4096];
        using FileStream stream = file.OpenRead();
        return !head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)].Contains((byte)0);
    }
}
