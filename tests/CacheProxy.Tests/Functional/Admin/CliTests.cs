using CacheProxy.Cli;
using CacheProxy.Pipeline;
using CacheProxy.Protocol;

namespace CacheProxy.Tests.Functional.Admin;

public sealed class CliTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cacheproxy-cli-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Purge_CountsAndWithYesRemoves()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync(headers: (HeaderNames.Tags, "a"));
        await proxy.StoredAsync(1);

        (int counted, string counts, _) = await RunAsync(proxy, "purge", "--tag", "a");
        Assert.Equal(0, counted);
        Assert.Matches("memory +1\n.*sqlite +1\n", counts.ReplaceLineEndings("\n"));
        Assert.StartsWith("CacheProxy; hit", (await proxy.AskAsync(headers: (HeaderNames.Tags, "a"))).CacheStatus);

        (int removed, _, _) = await RunAsync(proxy, "purge", "--tag", "a", "--yes");
        Assert.Equal(0, removed);
        Assert.StartsWith("CacheProxy; fwd=miss", (await proxy.AskAsync(headers: (HeaderNames.Tags, "a"))).CacheStatus);
    }

    [Fact]
    public async Task Epochs_AreBumpedAndListed()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Assert.Equal(0, (await RunAsync(proxy, "epoch", "bump", "docs/v2")).Code);
        (int code, string output, _) = await RunAsync(proxy, "epoch", "list");

        Assert.Equal(0, code);
        Assert.Matches("docs/v2 +1", output);
    }

    [Fact]
    public async Task Entries_AreListedAndDeleted()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync("one");
        await proxy.AskAsync("two");
        await proxy.StoredAsync(2);

        (_, string list, _) = await RunAsync(proxy, "entries", "--model", "m");
        string[] lines = list.TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Equal(0, (await RunAsync(proxy, "entries", "delete", lines[1].Split(' ')[0])).Code);
        Assert.Equal(1, (await RunAsync(proxy, "entries", "delete", lines[1].Split(' ')[0])).Code);
        Assert.Equal(2, (await RunAsync(proxy, "entries")).Output.TrimEnd().Split('\n').Length);
    }

    [Fact]
    public async Task ExportAndImport_GoThroughAFileOfTheOwnerOnly()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync();
        await proxy.StoredAsync(1);
        string file = Path.Combine(_folder.FullName, "entries.jsonl");

        Assert.Equal(0, (await RunAsync(proxy, "export", file)).Code);
        await RunAsync(proxy, "purge", "--all", "--yes");
        (int code, string output, _) = await RunAsync(proxy, "import", file);

        Assert.Equal(0, code);
        Assert.Matches("\n1 +0 +0", output.ReplaceLineEndings("\n"));
        Assert.StartsWith("CacheProxy; hit", (await proxy.AskAsync()).CacheStatus);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task Seed_WithFaults_NamesFileAndLine()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        string file = Path.Combine(_folder.FullName, "faq.jsonl");
        const string Good = """{"model":"m","system":"s","question":"hi","answer":"seeded"}""";
        await File.WriteAllLinesAsync(file, [Good, "", """{"model":"m","question":"q"}"""], TestContext.Current.CancellationToken);

        (int code, string output, _) = await RunAsync(proxy, "seed", file);
        Assert.Equal(1, code);
        Assert.Contains("faq.jsonl:3: ", output);
        Assert.Contains("answer", output);

        await File.WriteAllLinesAsync(file, [Good], TestContext.Current.CancellationToken);
        Assert.Equal(0, (await RunAsync(proxy, "seed", file, "--dry-run")).Code);
        Assert.StartsWith("CacheProxy; fwd=miss", (await proxy.AskAsync(headers: ("Cache-Control", "no-store"))).CacheStatus);
        Assert.Equal(0, (await RunAsync(proxy, "seed", file)).Code);
        Assert.Contains("seeded", (await proxy.AskAsync()).Text);
    }

    [Theory]
    [InlineData(2, "purge", "--colour", "red")]
    [InlineData(2, "epoch", "bump")]
    [InlineData(2, "import", "/no/such/file")]
    [InlineData(1, "purge", "--yes")]
    [InlineData(1, "purge", "--id", "xyz")]
    public async Task Call_WrongOrRefused_EndsSo(int expected, params string[] args)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        (int code, _, string errors) = await RunAsync(proxy, args);

        Assert.Equal(expected, code);
        Assert.NotEmpty(errors);
    }

    [Fact]
    public async Task Proxy_NotThere_EndsWithOne()
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();

        Assert.Equal(1, await CliProgram.RunAsync(["epoch", "list", "--url", "http://127.0.0.1:1"], Workbench.Open, output, errors, TestContext.Current.CancellationToken));
        Assert.NotEmpty(errors.ToString());
    }

    [Theory]
    [InlineData("purge")]
    [InlineData("epoch", "bump")]
    [InlineData("entries")]
    [InlineData("export")]
    [InlineData("import")]
    [InlineData("seed")]
    public async Task Help_OfEveryVerb_IsThere(params string[] verb)
    {
        using var output = new StringWriter();

        Assert.True(CliProgram.Handles(verb));
        Assert.Equal(0, await CliProgram.RunAsync([.. verb, "--help"], Workbench.Open, output, TextWriter.Null, TestContext.Current.CancellationToken));
        Assert.Contains("--url", output.ToString());
    }

    [Theory]
    [InlineData]
    [InlineData("--config", "x.json")]
    public void Arguments_OfTheServer_AreNotTheVerbs(params string[] args) => Assert.False(CliProgram.Handles(args));

    [Theory]
    [InlineData("purgee")]
    [InlineData("--confg", "x.json")]
    public async Task Arguments_Unknown_AreMisuse(params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();

        Assert.True(CliProgram.Handles(args));
        Assert.Equal(2, await CliProgram.RunAsync(args, Workbench.Open, output, errors, TestContext.Current.CancellationToken));
        Assert.Contains(args[0], errors.ToString());
    }

    [Fact]
    public async Task Version_IsTold()
    {
        using var output = new StringWriter();

        Assert.True(CliProgram.Handles(["--version"]));
        Assert.Equal(0, await CliProgram.RunAsync(["--version"], Workbench.Open, output, TextWriter.Null, TestContext.Current.CancellationToken));
        Assert.NotEmpty(output.ToString());
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(ProxyUnderTest proxy, params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int code = await CliProgram.RunAsync(
            [.. args, "--url", proxy.Client.BaseAddress!.ToString()], Workbench.Open, output, errors, TestContext.Current.CancellationToken);
        return (code, output.ToString(), errors.ToString());
    }
}
