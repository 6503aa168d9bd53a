using CacheProxy.Exchange;
using CacheProxy.Stores.Sqlite;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Stores.Sqlite;

public sealed class SqliteEntryStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(SampleEntries.Start);
    private readonly RecordedLog<SqliteEntryStore> _log = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SetThenGet_BeforeAndAfterTheWrite_FindsTheEntry()
    {
        await using SqliteEntryStore store = CreateSut();
        CacheEntry entry = SampleEntries.Random(new Random(1)) with { CreatedAt = SampleEntries.Start, TtlSeconds = 60 };
        await store.SetAsync(entry, Cancellation);

        EntryAssert.Same(entry, await store.GetAsync(entry.Fingerprint, Cancellation));
        await store.FlushAsync(Cancellation);
        EntryAssert.Same(entry, await store.GetAsync(entry.Fingerprint, Cancellation));
        Assert.Null(await store.GetAsync(SampleEntries.Fingerprint(2), Cancellation));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Set_SameFingerprint_Replaces()
    {
        await using SqliteEntryStore store = CreateSut();
        await store.SetAsync(SampleEntries.Plain(1), Cancellation);
        await store.FlushAsync(Cancellation);
        long sizeOfOne = store.SizeBytes;
        CacheEntry second = SampleEntries.Plain(1) with { Model = "other-instruct-model-xx" };

        await store.SetAsync(second, Cancellation);
        await store.FlushAsync(Cancellation);

        EntryAssert.Same(second, await store.GetAsync(second.Fingerprint, Cancellation));
        Assert.InRange(store.SizeBytes, sizeOfOne - 100, sizeOfOne + 100);
    }

    [Fact]
    public async Task Remove_SaysWhetherItWasThere()
    {
        await using SqliteEntryStore store = CreateSut();
        await store.SetAsync(SampleEntries.Plain(1), Cancellation);
        await store.FlushAsync(Cancellation);
        await store.SetAsync(SampleEntries.Plain(2), Cancellation);

        Assert.True(await store.RemoveAsync(SampleEntries.Fingerprint(1), Cancellation));
        Assert.True(await store.RemoveAsync(SampleEntries.Fingerprint(2), Cancellation));
        Assert.False(await store.RemoveAsync(SampleEntries.Fingerprint(1), Cancellation));
        Assert.Null(await store.GetAsync(SampleEntries.Fingerprint(1), Cancellation));
        Assert.Null(await store.GetAsync(SampleEntries.Fingerprint(2), Cancellation));
        Assert.Equal(0, store.SizeBytes);
    }

    [Fact]
    public async Task Restart_KeepsEntries()
    {
        CacheEntry[] entries = [.. Enumerable.Range(0, 500).Select(i => SampleEntries.Plain(i))];
        await using (SqliteEntryStore first = CreateSut())
        {
            foreach (CacheEntry entry in entries)
            {
                await first.SetAsync(entry, Cancellation);
            }
        }

        await using SqliteEntryStore second = CreateSut();

        foreach (CacheEntry entry in entries)
        {
            EntryAssert.Same(entry, await second.GetAsync(entry.Fingerprint, Cancellation));
        }

        Assert.True(second.SizeBytes > 0);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Get_PastItsUse_IsAbsentAndSwept()
    {
        await using SqliteEntryStore store = CreateSut();
        await store.SetAsync(SampleEntries.Plain(1, ttlSeconds: 30), Cancellation);
        await store.SetAsync(SampleEntries.Plain(2, ttlSeconds: 3600), Cancellation);
        Assert.NotNull(await store.GetAsync(SampleEntries.Fingerprint(1), Cancellation));
        await store.FlushAsync(Cancellation);
        long sizeOfBoth = store.SizeBytes;

        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(await store.GetAsync(SampleEntries.Fingerprint(1), Cancellation));
        _time.Advance(TimeSpan.FromSeconds(30));
        await store.FlushAsync(Cancellation);

        Assert.InRange(store.SizeBytes, 1, sizeOfBoth - 1);
        Assert.NotNull(await store.GetAsync(SampleEntries.Fingerprint(2), Cancellation));
    }

    [Fact]
    public async Task Entry_MadeWhenTheClockWasAhead_IsSweptAndDoesNotComeBack()
    {
        await using SqliteEntryStore store = CreateSut();
        await store.SetAsync(SampleEntries.Plain(1), Cancellation);
        await store.SetAsync(SampleEntries.Plain(2, createdAt: SampleEntries.Start.AddHours(2)), Cancellation);
        await store.SetAsync(SampleEntries.Plain(3, createdAt: SampleEntries.Start.AddSeconds(119)), Cancellation);
        await store.FlushAsync(Cancellation);

        _time.Advance(TimeSpan.FromSeconds(60));
        await store.FlushAsync(Cancellation);

        Assert.Equal(2, await store.CountAsync(EntrySelector.Everything, Cancellation));
        Assert.Null(await store.GetAsync(SampleEntries.Fingerprint(2), Cancellation));
    }

    [Fact]
    public async Task Set_BeyondTheLimit_DropsTheLeastRecentlyUsed()
    {
        const int EntryBytes = 2000;
        await using SqliteEntryStore store = CreateSut(sizeLimitBytes: 100 * EntryBytes);
        for (int i = 0; i < 60; i++)
        {
            await store.SetAsync(Incompressible(i, EntryBytes), Cancellation);
            await store.FlushAsync(Cancellation);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        _time.Advance(TimeSpan.FromMinutes(20));
        Assert.NotNull(await store.GetAsync(SampleEntries.Fingerprint(0), Cancellation));
        for (int i = 100; i < 150; i++)
        {
            await store.SetAsync(Incompressible(i, EntryBytes), Cancellation);
        }

        await store.FlushAsync(Cancellation);

        Assert.InRange(store.SizeBytes, 90 * EntryBytes, 100 * EntryBytes);
        Assert.NotNull(await store.GetAsync(SampleEntries.Fingerprint(0), Cancellation));
        Assert.Null(await store.GetAsync(SampleEntries.Fingerprint(1), Cancellation));
        Assert.NotNull(await store.GetAsync(SampleEntries.Fingerprint(149), Cancellation));
    }

    [Fact]
    public async Task Set_LargerThanAnEighth_IsDropped()
    {
        await using SqliteEntryStore store = CreateSut(sizeLimitBytes: 16_000);

        await store.SetAsync(Incompressible(1, 3000), Cancellation);
        await store.FlushAsync(Cancellation);

        Assert.Null(await store.GetAsync(SampleEntries.Fingerprint(1), Cancellation));
        Assert.Equal(1, store.Dropped);
    }

    [Fact]
    public async Task Set_FasterThanTheDisk_DropsBeyondTheQueueAndKeepsTheRest()
    {
        await using SqliteEntryStore store = CreateSut();
        for (int i = 0; i < 30; i++)
        {
            await store.SetAsync(Incompressible(i, 8 << 20), Cancellation);
        }

        await store.FlushAsync(Cancellation);

        int kept = 0;
        for (int i = 0; i < 30; i++)
        {
            kept += await store.GetAsync(SampleEntries.Fingerprint(i), Cancellation) is null ? 0 : 1;
        }

        Assert.InRange(kept, 7, 30);
        Assert.Equal(30 - kept, store.Dropped);
    }

    [Fact]
    public async Task ManyAtOnce_NeverGiveAnotherEntry()
    {
        await using SqliteEntryStore store = CreateSut();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 300; i++)
            {
                int number = random.Next(100);
                if (await store.GetAsync(SampleEntries.Fingerprint(number), Cancellation) is { } found)
                {
                    Assert.Equal(number.ToString("x32"), found.Id);
                }
                else
                {
                    await store.SetAsync(SampleEntries.Plain(number), Cancellation);
                }
            }
        })));

        await store.FlushAsync(Cancellation);
        Assert.Equal(0, store.Dropped);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Files_AreReadableByTheOwnerOnly()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no Unix modes.");
            return;
        }

        await using SqliteEntryStore store = CreateSut();
        await store.Opened;

        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(_folder.FolderPath) & ~(UnixFileMode)0b111_000_000);
        foreach (string file in Directory.GetFiles(_folder.FolderPath))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    private static CacheEntry Incompressible(int number, int bytes)
    {
        byte[] noise = new byte[bytes];
        new Random(number).NextBytes(noise);
        CacheEntry entry = SampleEntries.Plain(number);
        return entry with { Answer = entry.Answer with { Body = entry.Answer.Body with { Bytes = noise } } };
    }

    private SqliteEntryStore CreateSut(long sizeLimitBytes = 1L << 30) => new(_folder.FolderPath, sizeLimitBytes, _time, _log);
}
