using CacheProxy.Cli;
using CacheProxy.Pipeline;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Functional.Cli;

/// <summary>The real program's verbs that need no running proxy, with settings of their own.</summary>
internal sealed class ToolRun : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cacheproxy-tools-");

    public ToolRun(string? settings = null)
    {
        SettingsFile = Write("cacheproxy.json", settings ?? "{}");
    }

    public static string HandmadePairs { get; } = Repository.File("tests", "CacheProxy.Tests", "SemanticCache", "Fixtures", "handmade_pairs.tsv");

    public string SettingsFile { get; }

    public string Folder => _folder.FullName;

    public string Write(string name, string text)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    public async Task<(int Code, string Output, string Errors)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int code = await CliProgram.RunAsync([.. args, "--config", SettingsFile], Workbench.Open, output, errors, TestContext.Current.CancellationToken);
        return (code, output.ToString().ReplaceLineEndings("\n"), errors.ToString().ReplaceLineEndings("\n"));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
