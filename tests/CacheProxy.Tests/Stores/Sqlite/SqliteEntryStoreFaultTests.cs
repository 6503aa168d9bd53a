using CacheProxy.Exchange;
using CacheProxy.Stores.Sqlite;
using CacheProxy.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Stores.Sqlite;

public sealed class SqliteEntryStoreFaultTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(SampleEntries.Start);
    private readonly RecordedLog<SqliteEntryStore> _log = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string DatabasePath => _folder.File("entries.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Start_FileIsNoDatabase_IsSetAsideAndAnewOneMade()
    {
        Directory.CreateDirectory(_folder.FolderPath);
        byte[] garbage = new byte[20_000];
        new Random(1).NextBytes(garbage);
        await File.WriteAllBytesAsync(DatabasePath, garbage, Cancellation);

        await using SqliteEntryStore store = CreateSut();
        await AssertWorksAsync(store);

        Assert.Equal(garbage, await File.ReadAllBytesAsync(DatabasePath + ".damaged", Cancellation));
        Assert.Equal([LogLevel.Warning], _log.Levels);
    }

    [Fact]
    public async Task Start_OtherLayoutVersion_IsSetAside()
    {
        await using (SqliteEntryStore first = CreateSut())
        {
            await AssertWorksAsync(first);
        }

        using (var connection = new SqliteConnection($"Data Source={DatabasePath};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        await using SqliteEntryStore second = CreateSut();
        Assert.Null(await second.GetAsync(SampleEntries.Fingerprint(1), Cancellation));
        await AssertWorksAsync(second);

        Assert.Equal([LogLevel.Warning], _log.Levels);
        Assert.Contains("99", _log.Lines[0].Text);
    }

    [Fact]
    public async Task Start_FormerLayout_BeginsEmptyAndWorks()
    {
        Directory.CreateDirectory(_folder.FolderPath);
        using (var connection = new SqliteConnection($"Data Source={DatabasePath};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = """
                PRAGMA journal_mode = WAL;
                CREATE TABLE entries(
                    id INTEGER PRIMARY KEY, usable_until INTEGER NOT NULL, last_used INTEGER NOT NULL, size INTEGER NOT NULL, value BLOB NOT NULL);
                CREATE INDEX entries_by_use ON entries(last_used, size);
                CREATE INDEX entries_by_end ON entries(usable_until);
                INSERT INTO entries VALUES(1, 9000000000000, 1, 100, x'435045010000');
                PRAGMA user_version = 1;
                """;
            command.ExecuteNonQuery();
        }

        await using SqliteEntryStore store = CreateSut();
        await AssertWorksAsync(store);

        Assert.Equal(1, await store.CountAsync(EntrySelector.Everything, Cancellation));
        Assert.Equal([LogLevel.Information], _log.Levels);
        Assert.False(File.Exists(DatabasePath + ".damaged"));
    }

    [Fact]
    public async Task Start_FolderIsAFile_IsAMissUntilItIsGone()
    {
        await File.WriteAllTextAsync(_folder.FolderPath, "in the way", Cancellation);
        await using SqliteEntryStore store = CreateSut();
        await store.SetAsync(SampleEntries.Plain(1), Cancellation);
        await store.Opened;
        await store.FlushAsync(Cancellation);

        Assert.Null(await store.GetAsync(SampleEntries.Fingerprint(1), Cancellation));
        await store.SetAsync(SampleEntries.Plain(1), Cancellation);
        Assert.Null(await store.GetAsync(SampleEntries.Fingerprint(1), Cancellation));
        await Assert.ThrowsAsync<IOException>(async () => await store.RemoveAsync(SampleEntries.Fingerprint(1), Cancellation));
        _time.Advance(TimeSpan.FromSeconds(5));
        File.Delete(_folder.FolderPath);
        await ReopenAsync(store);
        await AssertWorksAsync(store);

        Assert.Equal(2, store.Dropped);
        Assert.Equal([LogLevel.Warning, LogLevel.Information], _log.Levels);
    }

    [Fact]
    public async Task Start_LockedByAnotherProcess_RecoversWhenItIsFree()
    {
        await using (SqliteEntryStore first = CreateSut())
        {
            await AssertWorksAsync(first);
        }

        using var other = new SqliteConnection($"Data Source={DatabasePath};Pooling=False");
        other.Open();
        using SqliteCommand command = other.CreateCommand();
        command.CommandText = "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; PRAGMA user_version = 1";
        command.ExecuteNonQuery();

        await using SqliteEntryStore store = CreateSut();
        await store.Opened;
        Assert.False(store.IsOpen);
        Assert.Null(await store.GetAsync(SampleEntries.Fingerprint(1), Cancellation));
        other.Close();
        await ReopenAsync(store);

        Assert.NotNull(await store.GetAsync(SampleEntries.Fingerprint(1), Cancellation));
        Assert.Equal([LogLevel.Warning, LogLevel.Information], _log.Levels);
    }

    [Fact]
    public async Task DamageFoundLater_IsSetAsideWhileRunning()
    {
        await using (SqliteEntryStore first = CreateSut())
        {
            for (int i = 0; i < 2000; i++)
            {
                await first.SetAsync(SampleEntries.Plain(i), Cancellation);
            }
        }

        OverwriteMiddle();
        await using SqliteEntryStore store = CreateSut();
        int found = 0;
        int failed = 0;
        for (int i = 0; i < 2000; i++)
        {
            try
            {
                CacheEntry? entry = await store.GetAsync(SampleEntries.Fingerprint(i), Cancellation);
                found += entry is null ? 0 : 1;
                Assert.True(entry is null || entry.Id == i.ToString("x32"));
            }
            catch (SqliteException)
            {
                failed++;
            }
        }

        await Wait.UntilAsync(() => File.Exists(DatabasePath + ".damaged"), "the file is set aside");
        await AssertWorksAsync(store);
        Assert.Equal([LogLevel.Warning], _log.Levels);
        Assert.InRange(found + failed, 0, 1999);
    }

    [Fact]
    public async Task FileRemovedWhileRunning_IsMadeAnew()
    {
        await using SqliteEntryStore store = CreateSut();
        await AssertWorksAsync(store);
        Directory.Delete(_folder.FolderPath, recursive: true);

        _time.Advance(TimeSpan.FromMinutes(1));
        await Wait.UntilAsync(() => File.Exists(DatabasePath), "the loss is noticed");
        await AssertWorksAsync(store);

        Assert.True(File.Exists(DatabasePath));
        Assert.Equal([LogLevel.Warning], _log.Levels);
    }

    [Fact]
    public async Task Dispose_WhileTheFileCannotBeOpened_Ends()
    {
        await File.WriteAllTextAsync(_folder.FolderPath, "in the way", Cancellation);
        SqliteEntryStore store = CreateSut();
        await store.Opened;

        await store.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
    }

    [Fact]
    public async Task Log_HoldsNoPromptText()
    {
        await File.WriteAllTextAsync(_folder.FolderPath, "in the way", Cancellation);
        await using SqliteEntryStore store = CreateSut();
        await store.SetAsync(SampleEntries.Plain(1), Cancellation);
        await store.Opened;

        Assert.NotEmpty(_log.Lines);
        Assert.DoesNotContain(_log.Lines, line => line.Text.Contains("Paris") || line.Text.Contains("chatcmpl"));
    }

    // Whole pages in the middle: the header and the schema stay good, so that only use finds it.
    private void OverwriteMiddle()
    {
        using FileStream file = File.OpenWrite(DatabasePath);
        byte[] noise = new byte[file.Length / 2];
        new Random(2).NextBytes(noise);
        file.Position = file.Length / 4 / 4096 * 4096;
        file.Write(noise);
    }

    private async Task ReopenAsync(SqliteEntryStore store)
        => await Wait.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(5));
                return store.IsOpen;
            },
            "the file is opened");

    private static async Task AssertWorksAsync(SqliteEntryStore store)
    {
        await store.Opened;
        await Wait.UntilAsync(
            async () =>
            {
                await store.SetAsync(SampleEntries.Plain(1), Cancellation);
                await store.FlushAsync(Cancellation);
                return await store.GetAsync(SampleEntries.Fingerprint(1), Cancellation) is not null;
            },
            "the store keeps an entry");
    }

    private SqliteEntryStore CreateSut() => new(_folder.FolderPath, 1L << 30, _time, _log);
}
