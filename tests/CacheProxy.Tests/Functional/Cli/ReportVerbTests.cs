using CacheProxy.Cli;
using CacheProxy.Ledger.Writing;
using CacheProxy.Pipeline;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional.Cli;

/// <summary>The verb over a folder that a proxy writes to, wrote to, or spoiled.</summary>
public sealed class ReportVerbTests
{
    [Fact]
    public async Task Report_BesideARunningProxy_SaysWhatItDid_AndWritesAPage()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync();
        await proxy.AskAsync();
        await proxy.Services.GetRequiredService<LedgerWriter>().SettleAsync(TestContext.Current.CancellationToken);
        string page = Path.Combine(Path.GetDirectoryName(proxy.ConfigurationPath)!, "week.html");

        // The proxy's clock is the test's; the verb's is the machine's.
        (int code, string output, string errors) = await RunAsync(proxy.ConfigurationPath, "--since", "2025-12-25", "--until", "2026-02-01", "--time-zone", "UTC", "--out", page);

        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("exact     1         50.0 %", output, StringComparison.Ordinal);
        Assert.StartsWith("<!DOCTYPE html>", await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(page));
        }
    }

    [Fact]
    public async Task Report_OfAFolderWithoutALedger_NamesTheFile()
    {
        using var tools = new ToolRun(SettingsFile.Write(new Dictionary<string, string> { ["Data:Path"] = Path.Combine(Path.GetTempPath(), "cacheproxy-none") }));

        (int code, string output, string errors) = await tools.RunAsync("report");

        Assert.Equal((1, ""), (code, output));
        Assert.Contains(Path.Combine("cacheproxy-none", "ledger.db") + " is not there", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_OfADamagedLedger_NamesTheFile()
    {
        using var tools = new ToolRun();
        await File.WriteAllTextAsync(tools.SettingsFile, SettingsFile.Write(new Dictionary<string, string> { ["Data:Path"] = tools.Folder }), TestContext.Current.CancellationToken);
        string path = tools.Write("ledger.db", new string('x', 5000));

        (int code, string output, string errors) = await tools.RunAsync("report", "--json");

        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith($"The ledger {path} cannot be read: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_OfALockedLedger_NamesTheFile()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync();
        await proxy.Services.GetRequiredService<LedgerWriter>().SettleAsync(TestContext.Current.CancellationToken);
        string folder = Directory.CreateTempSubdirectory("cacheproxy-test-").FullName;
        try
        {
            string path = Path.Combine(folder, "ledger.db"), settings = Path.Combine(folder, "cacheproxy.json");
            await File.WriteAllTextAsync(settings, SettingsFile.Write(new Dictionary<string, string> { ["Data:Path"] = folder }), TestContext.Current.CancellationToken);
            using (var source = new SqliteConnection($"Data Source={Path.Combine(Path.GetDirectoryName(proxy.ConfigurationPath)!, "ledger.db")};Pooling=False"))
            using (var copy = new SqliteConnection($"Data Source={path};Pooling=False"))
            {
                source.Open();
                copy.Open();
                source.BackupDatabase(copy);
                using SqliteCommand locks = copy.CreateCommand();
                locks.CommandText = "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE";
                locks.ExecuteNonQuery();

                (int code, string output, string errors) = await RunAsync(settings, "--since", "2025-12-25");

                Assert.Equal((1, ""), (code, output));
                Assert.StartsWith($"The ledger {path} cannot be read: ", errors, StringComparison.Ordinal);
                Assert.Contains("locked", errors, StringComparison.Ordinal);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("--since", "soon", "--since soon is no time")]
    [InlineData("--until", "tomorrow", "--until tomorrow is no time")]
    [InlineData("--time-zone", "Nowhere/Else", "--time-zone Nowhere/Else is no time zone")]
    [InlineData("--since", "2999-01-01", "--since must lie before --until")]
    public async Task Report_WithABadArgument_NamesTheOption(string option, string value, string message)
    {
        using var tools = new ToolRun();

        (int code, string output, string errors) = await tools.RunAsync("report", option, value);

        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith(message, errors, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string settings, params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int code = await CliProgram.RunAsync(["report", .. args, "--config", settings], Workbench.Open, output, errors, TestContext.Current.CancellationToken);
        return (code, output.ToString(), errors.ToString());
    }
}
