using CacheProxy.TestKit;
using CacheProxy.Tests.Stores.Sqlite;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Tests.Functional;

public sealed class KillTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Proxy_KilledUnderLoad_KeepsAllButTheLastSecondAndStartsClean()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using var run = new KillRun(Path.Combine(AppContext.BaseDirectory, "CacheProxy.dll"), _folder.FolderPath);
        await run.StartAsync(cancellation);
        await run.LoadAndKillAsync(TimeSpan.FromSeconds(2), clients: 4, atLeast: 100, cancellation);

        await run.StartAsync(cancellation);
        KillResult result = await run.CheckAsync(cancellation);

        Assert.InRange(result.Answered, 100, int.MaxValue);
        Assert.Equal((0, 0), (result.Lost, result.Wrong));
        Assert.DoesNotContain("entries.db", run.Output);
        Assert.Equal("ok", Check());
    }

    private string? Check()
    {
        using var connection = new SqliteConnection($"Data Source={_folder.File("entries.db")};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        return (string?)command.ExecuteScalar();
    }
}
