using CacheProxy.Stores.Sqlite;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Stores.Sqlite;

public sealed class StoredIdsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(SampleEntries.Start);
    private readonly RecordedLog<SqliteEntryStore> _log = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void MayHold_BeforeAllAreIn_ForAny()
    {
        var ids = new StoredIds();
        ids.Add(1);

        Assert.True(ids.MayHold(2));
        ids.Complete();
        Assert.True(ids.MayHold(1));
        Assert.False(ids.MayHold(2));
        ids.Remove(1);
        Assert.False(ids.MayHold(1));
        ids.GiveUp();
        Assert.True(ids.MayHold(2));
    }

    [Fact]
    public async Task Store_OpenedAnew_LacksOnlyWhatIsNotThere()
    {
        await using (SqliteEntryStore first = CreateSut())
        {
            for (int i = 0; i < 50; i++)
            {
                await first.SetAsync(SampleEntries.Plain(i), Cancellation);
            }
        }

        await using SqliteEntryStore second = CreateSut();
        Assert.NotNull(await second.GetAsync(SampleEntries.Fingerprint(0), Cancellation));
        await Wait.UntilAsync(() => second.LacksForSure(SampleEntries.Fingerprint(50)), "all rows are known");

        for (int i = 0; i < 50; i++)
        {
            Assert.False(second.LacksForSure(SampleEntries.Fingerprint(i)));
            Assert.NotNull(await second.GetAsync(SampleEntries.Fingerprint(i), Cancellation));
        }

        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Store_OfWhatWasSetAndRemoved_IsNeverWrong()
    {
        await using SqliteEntryStore store = CreateSut();
        await Wait.UntilAsync(() => store.LacksForSure(SampleEntries.Fingerprint(1)), "all rows are known");

        await store.SetAsync(SampleEntries.Plain(1), Cancellation);
        Assert.False(store.LacksForSure(SampleEntries.Fingerprint(1)));
        await store.FlushAsync(Cancellation);
        Assert.False(store.LacksForSure(SampleEntries.Fingerprint(1)));
        await store.RemoveAsync(SampleEntries.Fingerprint(1), Cancellation);
        Assert.True(store.LacksForSure(SampleEntries.Fingerprint(1)));
    }

    [Fact]
    public async Task Store_WhoseFileAnotherWrites_AsksTheFileFromTheNextSweepOn()
    {
        await using SqliteEntryStore store = CreateSut();
        await Wait.UntilAsync(() => store.LacksForSure(SampleEntries.Fingerprint(1)), "all rows are known");
        await using (SqliteEntryStore other = CreateSut())
        {
            await other.SetAsync(SampleEntries.Plain(1), Cancellation);
        }

        _time.Advance(TimeSpan.FromMinutes(1));

        await Wait.UntilAsync(() => !store.LacksForSure(SampleEntries.Fingerprint(1)), "the sweep has seen it");
        Assert.NotNull(await store.GetAsync(SampleEntries.Fingerprint(1), Cancellation));
    }

    [Fact]
    public async Task Set_WithNobodyWaiting_IsOnDiskSoonAfter()
    {
        await using SqliteEntryStore store = CreateSut();
        await store.SetAsync(SampleEntries.Plain(1), Cancellation);

        await Wait.UntilAsync(() => store.SizeBytes > 0, "the batch is committed");
    }

    private SqliteEntryStore CreateSut() => new(_folder.FolderPath, 1L << 30, _time, _log);
}
