using System.Text.Json;
using CacheProxy.Cli;
using CacheProxy.Exchange;
using CacheProxy.Ledger.Writing;
using CacheProxy.Pipeline;
using CacheProxy.SemanticCache.Truth;
using CacheProxy.Tenancy;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

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
    // By the id that its settings give, by the key that they name, by the id itself, and one that nobody has.
    [InlineData("acme", 3, 1)]
    [InlineData("globex", 2, 2)]
    [InlineData("00112233aabbccdd", 3, 1)]
    [InlineData("initech", 0, 0)]
    public async Task Report_OfANamedTenant_HasTheAuditsOfItsKey(string tenant, int audited, int wrong)
    {
        using var tools = new ToolRun();
        string secret = new('s', 32), key = tools.Write("globex.key", "sk-globex");
        var settings = new Dictionary<string, string>
        {
            ["Data:Path"] = tools.Folder,
            ["Tenants:Secret"] = secret,
            ["Tenants:Names:0:Name"] = "acme",
            ["Tenants:Names:0:KeyId"] = "00112233aabbccdd",
            ["Tenants:Names:1:Name"] = "globex",
            ["Tenants:Names:1:KeyFile"] = key,
            // Of the proxy's environment, not of the verb's.
            ["Tenants:Names:2:Name"] = "hooli",
            ["Tenants:Names:2:KeyEnvironment"] = "CACHEPROXY_TEST_NO_SUCH_KEY",
        };
        await File.WriteAllTextAsync(tools.SettingsFile, SettingsFile.Write(settings), TestContext.Current.CancellationToken);
        new LedgerTables(Path.Combine(tools.Folder, "ledger.db")).Dispose();
        var hash = new byte[Fingerprint256.SizeBytes];
        new InstallationSecret(secret, tools.Folder, NullLogger<InstallationSecret>.Instance).Hash("sk-globex"u8, hash);
        using (var file = new ObservationFile(Path.Combine(tools.Folder, ObservationLog.FileName)))
        {
            string acme = "00112233aabbccdd" + new string('1', 48), globex = Convert.ToHexStringLower(hash);
            file.Add([Audit(acme, true, 1), Audit(acme, true, 2), Audit(acme, false, 3), Audit(globex, false, 4), Audit(globex, false, 5)]);
        }

        (int code, string output, string errors) = await tools.RunAsync("report", "--json", "--since", "2025-12-25", "--until", "2026-02-01", "--tenant", tenant);

        Assert.Equal((0, ""), (code, errors));
        JsonElement semantic = JsonDocument.Parse(output).RootElement.GetProperty("semantic");
        Assert.Equal((audited, wrong), (semantic.GetProperty("audited").GetInt32(), semantic.GetProperty("wrong").GetInt32()));
        settings["Tenants:Scope"] = "shared";
        await File.WriteAllTextAsync(tools.SettingsFile, SettingsFile.Write(settings), TestContext.Current.CancellationToken);

        (_, string shared, _) = await tools.RunAsync("report", "--json", "--since", "2025-12-25", "--until", "2026-02-01", "--tenant", tenant);

        JsonElement all = JsonDocument.Parse(shared).RootElement;
        Assert.Equal(5, all.GetProperty("semantic").GetProperty("audited").GetInt32());
        Assert.Contains("Tenants:Scope", all.GetProperty("gaps")[0].GetString(), StringComparison.Ordinal);
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

    private static Observation Audit(string tenant, bool isRight, byte entry)
    {
        var bytes = new byte[Fingerprint256.SizeBytes];
        bytes[^1] = entry;
        return new Observation
        {
            Time = new DateTimeOffset(2026, 1, 3, 0, 0, entry, TimeSpan.Zero),
            Policy = "static",
            Tenant = tenant,
            Model = "m",
            Entry = new Fingerprint256(bytes),
            Served = true,
            Outcome = isRight ? ObservationOutcome.Right : ObservationOutcome.Wrong,
            Source = ObservationSource.Audit,
        };
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string settings, params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int code = await CliProgram.RunAsync(["report", .. args, "--config", settings], Workbench.Open, output, errors, TestContext.Current.CancellationToken);
        return (code, output.ToString(), errors.ToString());
    }
}
