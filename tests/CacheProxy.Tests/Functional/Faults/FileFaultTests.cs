using CacheProxy.Ledger;
using CacheProxy.Ledger.Writing;
using CacheProxy.Storage;
using CacheProxy.Tests.Stores;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional.Faults;

/// <summary>What befalls a file of the data folder while the proxy runs: traffic goes on, the metric says so, and once the cause is gone all is as before.</summary>
public class FileFaultTests
{
    private static readonly DateTimeOffset Start = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly LedgerFilter All = new(Start, Start.AddYears(200));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ledger.db")]
    [InlineData("entries.db")]
    [InlineData("findings.db")]
    public async Task LockedFile_HoldsNobodyUp_AndIsWrittenAfterwards(string name)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await AskAllAsync(proxy, "before", 3);
        string path = PathOf(proxy, name);
        await NudgeAsync(proxy, () => Task.FromResult(File.Exists(path)), "the file to be there");
        using (var other = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            other.Open();
            await Wait.UntilAsync(() => TryLock(other), "the lock");
            await AskAllAsync(proxy, "during", 3);
            await NudgeAsync(proxy, async () => await UpAsync(proxy, name) == "0", "the fault to be seen");
            await AskAllAsync(proxy, "during, again", 3);
        }

        await NudgeAsync(proxy, async () => await UpAsync(proxy, name) == "1", "the file to work again");
        await AskAllAsync(proxy, "after", 3);
        await AssertLedgerHasAsync(proxy, 12);
    }

    [Theory]
    [InlineData("ledger.db")]
    [InlineData("entries.db")]
    public async Task FolderInTheFilesPlace_HoldsNobodyUp_AndTheFileIsMadeOnceItIsGone(string name)
    {
        string path = "";
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        path = PathOf(proxy, name);
        await AskAllAsync(proxy, "before", 1);
        SqliteFile.Delete(path);
        Directory.CreateDirectory(path);
        await AskAllAsync(proxy, "during", 2);
        await NudgeAsync(proxy, async () => await UpAsync(proxy, name) == "0", "the fault to be seen");

        Directory.Delete(path);
        await NudgeAsync(proxy, async () => await UpAsync(proxy, name) == "1", "the file to work again");
        await AskAllAsync(proxy, "after", 2);
        Assert.True(File.Exists(path));
    }

    [Theory]
    [InlineData("header")]
    [InlineData("middle")]
    [InlineData("cut")]
    public async Task DamagedLedger_IsPutAsideWithItsLog_AndASecondOneBesideIt(string damage)
    {
        var log = new RecordedLog<LedgerWriter>();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(services: services => services.AddSingleton<Microsoft.Extensions.Logging.ILogger<LedgerWriter>>(log));
        string path = PathOf(proxy, "ledger.db");
        for (int round = 1; round <= 2; round++)
        {
            await AskAllAsync(proxy, $"round {round}", 40);
            await Wait.UntilAsync(async () => await RequestsAsync(proxy) >= 40, "the rows");
            await DamageAsync(path, damage);
            proxy.Clock.Advance(TimeSpan.FromMinutes(2));
            await NudgeAsync(proxy, () => Task.FromResult(log.Lines.Count(line => line.Text.Contains("could not be read", StringComparison.Ordinal)) == round), "the damage to be found");
        }

        Assert.True(File.Exists(path + ".damaged"));
        Assert.True(File.Exists(path + ".damaged-2"));
        Assert.Contains(log.Lines, line => line.Text.Contains(path, StringComparison.Ordinal) && line.Text.Contains(path + ".damaged", StringComparison.Ordinal));
        long former = await RequestsAsync(proxy);
        await AskAllAsync(proxy, "after", 5);
        await Wait.UntilAsync(async () => await RequestsAsync(proxy) >= former + 5, "the new file to be written");
        Assert.Contains("cacheproxy_file_replacements_total{cacheproxy_file=\"ledger.db\"} 2", await MetricsAsync(proxy), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecondProxy_OnTheSameFolder_DoesNotStart_UntilTheFirstHasStopped()
    {
        await using ProxyUnderTest first = await ProxyUnderTest.StartAsync();
        string folder = Path.GetDirectoryName(first.ConfigurationPath)!;

        IOException refused = await Assert.ThrowsAsync<IOException>(() => ProxyUnderTest.StartAsync(new() { ["Data:Path"] = folder }));

        Assert.Contains(folder, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Data:Path", refused.Message, StringComparison.Ordinal);
        Assert.Equal(200, (await first.AskAsync()).Status);
    }

    private static async Task DamageAsync(string path, string damage)
    {
        await Wait.UntilAsync(() => TryEmptyLog(path), "what is in the log to come into the file");
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        byte[] noise = new byte[file.Length];
        new Random(1).NextBytes(noise);
        switch (damage)
        {
            case "header":
                file.Write(noise.AsSpan(0, 100));
                break;
            case "middle":
                file.Position = 4096;
                file.Write(noise.AsSpan(0, (int)file.Length - 4096));
                break;
            default:
                file.SetLength(file.Length / 3);
                break;
        }
    }

    private static bool TryEmptyLog(string path)
    {
        // The change to a table makes the writer read its pages anew.
        using var other = new SqliteConnection($"Data Source={path};Pooling=False");
        other.Open();
        SqliteFile.Execute(other, "PRAGMA busy_timeout = 5000; INSERT OR REPLACE INTO marks VALUES('test', hex(randomblob(8)))");
        return SqliteFile.Scalar(other, "PRAGMA wal_checkpoint(TRUNCATE)") is 0L;
    }

    private static bool TryLock(SqliteConnection connection)
    {
        try
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "BEGIN EXCLUSIVE";
            command.ExecuteNonQuery();
            return true;
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    private static async Task AskAllAsync(ProxyUnderTest proxy, string question, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(200, (await proxy.AskAsync($"{question} {i}")).Status);
        }
    }

    // The wait before another try is in the proxy's own time; the sweep and the trim that try even without traffic, too.
    private static Task NudgeAsync(ProxyUnderTest proxy, Func<Task<bool>> condition, string what) => Wait.UntilAsync(
        async () =>
        {
            proxy.Clock.Advance(TimeSpan.FromSeconds(6));
            Assert.Equal(200, (await proxy.AskAsync(Guid.NewGuid().ToString(), extra: ",\"temperature\":1.9")).Status);
            return await condition();
        },
        what);

    private static async Task<string> MetricsAsync(ProxyUnderTest proxy) => await proxy.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancellation);

    private static async Task<string?> UpAsync(ProxyUnderTest proxy, string name)
        => (await MetricsAsync(proxy)).Split('\n').FirstOrDefault(line => line.StartsWith($"cacheproxy_file_up{{cacheproxy_file=\"{name}\"}}", StringComparison.Ordinal))?.Split(' ')[^1];

    private static async Task<long> RequestsAsync(ProxyUnderTest proxy)
    {
        await proxy.Services.GetRequiredService<LedgerWriter>().SettleAsync(Cancellation);
        try
        {
            return (await proxy.Services.GetRequiredService<ILedgerReader>().TotalsAsync(All, Cancellation)).Requests;
        }
        catch (Exception exception) when (exception is SqliteException or InvalidDataException)
        {
            return -1;
        }
    }

    private static async Task AssertLedgerHasAsync(ProxyUnderTest proxy, long atLeast)
    {
        await Wait.UntilAsync(async () => await RequestsAsync(proxy) >= atLeast, "every request to be in the sums");
        Assert.Equal(0, proxy.Services.GetRequiredService<LedgerWriter>().Lost);
    }

    private static string PathOf(ProxyUnderTest proxy, string name) => Path.Combine(Path.GetDirectoryName(proxy.ConfigurationPath)!, name);
}
