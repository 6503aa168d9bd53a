using System.Diagnostics;
using CacheProxy.Stores.Sqlite;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Tests.Stores.Sqlite;

public sealed class SqliteKillTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly RecordedLog<SqliteEntryStore> _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task KilledWhileWriting_KeepsAllThatWasFlushed()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        int flushed = 0;
        using (Process child = WritingChild.Start(_folder.FolderPath))
        {
            while (flushed < 1000)
            {
                string? line = await child.StandardOutput.ReadLineAsync(cancellation);
                Assert.NotNull(line);
                flushed = int.Parse(line);
            }

            child.Kill();
            await child.WaitForExitAsync(cancellation);
        }

        await using (var store = new SqliteEntryStore(_folder.FolderPath, 1L << 30, TimeProvider.System, _log))
        {
            for (int i = 0; i < flushed; i++)
            {
                Assert.Equal(i.ToString("x32"), (await store.GetAsync(SampleEntries.Fingerprint(i), cancellation))?.Id);
            }
        }

        Assert.Equal("ok", Check());
        Assert.Empty(_log.Lines);
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
