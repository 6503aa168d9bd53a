using System.Text.Json;
using CacheProxy.Cli;
using CacheProxy.Ledger.Writing;
using CacheProxy.Pipeline;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional.Cli;

/// <summary><c>ledger export</c> over a folder that a proxy writes to, has written to, or that is spoiled.</summary>
public sealed class LedgerVerbTests
{
    private static readonly string[] AllTime = ["--since", "2025-12-25", "--until", "2026-02-01", "--time-zone", "UTC"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Export_BesideARunningProxy_AndWithoutIt_HasEveryRequest()
    {
        string copy = Directory.CreateTempSubdirectory("cacheproxy-test-").FullName;
        try
        {
            string during;
            await using (ProxyUnderTest proxy = await StartAsync())
            {
                during = await ExportAsync(proxy.ConfigurationPath, AllTime);
                using var source = new SqliteConnection($"Data Source={Path.Combine(Path.GetDirectoryName(proxy.ConfigurationPath)!, "ledger.db")};Pooling=False");
                using var target = new SqliteConnection($"Data Source={Path.Combine(copy, "ledger.db")};Pooling=False");
                source.Open();
                target.Open();
                source.BackupDatabase(target);
            }

            string settings = Path.Combine(copy, "cacheproxy.json");
            await File.WriteAllTextAsync(settings, SettingsFile.Write(new Dictionary<string, string> { ["Data:Path"] = copy }), Cancellation);
            string after = await ExportAsync(settings, AllTime);

            string[] lines = during.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(4, lines.Length);
            Assert.StartsWith("time,work,requests,tenant,", lines[0], StringComparison.Ordinal);
            Assert.Equal(during, after);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    [Fact]
    public async Task Export_Filtered_HasTheRequestsOfThatModelAndTimeOnly()
    {
        await using ProxyUnderTest proxy = await StartAsync();

        string[] other = Lines(await ExportAsync(proxy.ConfigurationPath, [.. AllTime, "--model", "other", "--format", "jsonl"]));
        string[] none = Lines(await ExportAsync(proxy.ConfigurationPath, "--since", "2025-12-25", "--until", "2025-12-26", "--time-zone", "UTC", "--format", "jsonl"));
        string[] nobody = Lines(await ExportAsync(proxy.ConfigurationPath, [.. AllTime, "--tenant", "nobody", "--format", "jsonl"]));

        Assert.Equal("other", JsonDocument.Parse(Assert.Single(other)).RootElement.GetProperty("model").GetString());
        Assert.Empty(none);
        Assert.Empty(nobody);
    }

    [Fact]
    public async Task Export_ToAFile_IsItsOwnersAlone()
    {
        await using ProxyUnderTest proxy = await StartAsync();
        string path = Path.Combine(Path.GetDirectoryName(proxy.ConfigurationPath)!, "rows.csv");

        string said = await ExportAsync(proxy.ConfigurationPath, [.. AllTime, "--format", "focus", "--out", path]);

        Assert.Equal($"{path}: 1 rows. Not in it, for their cost is not known: 2 requests.", said.Trim());
        Assert.StartsWith("BilledCost,BillingAccountId,", await File.ReadAllTextAsync(path, Cancellation), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public async Task Export_OfAFolderWithoutALedger_NamesTheFile()
    {
        using var tools = new ToolRun();
        await File.WriteAllTextAsync(tools.SettingsFile, SettingsFile.Write(new Dictionary<string, string> { ["Data:Path"] = tools.Folder }), Cancellation);

        (int code, string output, string errors) = await tools.RunAsync("ledger", "export");

        Assert.Equal((1, ""), (code, output));
        Assert.Contains(Path.Combine(tools.Folder, "ledger.db") + " is not there", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Export_OfALedgerThatCannotBeRead_NamesTheFolder(bool isLocked)
    {
        using var tools = new ToolRun();
        await File.WriteAllTextAsync(tools.SettingsFile, SettingsFile.Write(new Dictionary<string, string> { ["Data:Path"] = tools.Folder }), Cancellation);
        using var locker = new SqliteConnection($"Data Source={Path.Combine(tools.Folder, "ledger.db")};Pooling=False");
        if (isLocked)
        {
            locker.Open();
            using SqliteCommand locks = locker.CreateCommand();
            locks.CommandText = "CREATE TABLE rows(id INTEGER); PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE";
            locks.ExecuteNonQuery();
        }
        else
        {
            tools.Write("ledger.db", new string('x', 5000));
        }

        (int code, string output, string errors) = await tools.RunAsync("ledger", "export", "--format", "jsonl");

        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith($"The ledger in {tools.Folder} cannot be read: ", errors, StringComparison.Ordinal);
        Assert.Contains(isLocked ? "locked" : "not a database", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--since", "soon", 1, "--since soon is no time")]
    [InlineData("--until", "tomorrow", 1, "--until tomorrow is no time")]
    [InlineData("--time-zone", "Nowhere/Else", 1, "--time-zone Nowhere/Else is no time zone")]
    [InlineData("--since", "2999-01-01", 1, "--since must lie before --until")]
    [InlineData("--format", "xml", 2, "Argument 'xml' not recognized")]
    [InlineData("--colour", "red", 2, "Unrecognized command or argument '--colour'")]
    public async Task Export_WithABadArgument_NamesIt(string option, string value, int expected, string message)
    {
        using var tools = new ToolRun();

        (int code, _, string errors) = await tools.RunAsync("ledger", "export", option, value);

        Assert.Equal(expected, code);
        Assert.StartsWith(message, errors, StringComparison.Ordinal);
    }

    private static async Task<ProxyUnderTest> StartAsync()
    {
        ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync();
        await proxy.AskAsync();
        await proxy.PostAsync("/v1/chat/completions", """{"model":"other","messages":[{"role":"user","content":"hi"}],"temperature":0}""");
        await proxy.Services.GetRequiredService<LedgerWriter>().SettleAsync(Cancellation);
        await proxy.Services.GetRequiredService<LedgerWriter>().SettleAsync(Cancellation);
        return proxy;
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static async Task<string> ExportAsync(string settings, params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int code = await CliProgram.RunAsync(["ledger", "export", .. args, "--config", settings], Workbench.Open, output, errors, Cancellation);
        Assert.Equal((0, ""), (code, errors.ToString()));
        return output.ToString();
    }
}
