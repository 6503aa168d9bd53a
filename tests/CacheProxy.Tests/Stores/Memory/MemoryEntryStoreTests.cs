using CacheProxy.Exchange;
using CacheProxy.Stores.Codec;
using CacheProxy.Stores.Memory;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Stores.Memory;

public sealed class MemoryEntryStoreTests : IDisposable
{
    private static readonly int EntryBytes = EntrySize.Estimate(SampleEntries.Plain(1));

    private readonly FakeTimeProvider _time = new(SampleEntries.Start);
    private MemoryEntryStore? _store;

    public void Dispose() => _store?.Dispose();

    [Fact]
    public void TryGet_Stored_IsTheSameObject()
    {
        MemoryEntryStore store = CreateSut(100);
        CacheEntry entry = SampleEntries.Plain(1);

        Assert.True(store.Set(entry));

        Assert.True(store.TryGet(entry.Fingerprint, out CacheEntry? found));
        Assert.Same(entry, found);
        Assert.Equal(EntryBytes, store.SizeBytes);
        Assert.False(store.TryGet(SampleEntries.Fingerprint(2), out _));
    }

    [Fact]
    public async Task AsyncFace_SetGetRemove_Works()
    {
        MemoryEntryStore store = CreateSut(100);
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        CacheEntry entry = SampleEntries.Plain(1);
        await store.SetAsync(entry, cancellation);

        Assert.Same(entry, await store.GetAsync(entry.Fingerprint, cancellation));
        Assert.True(await store.RemoveAsync(entry.Fingerprint, cancellation));
        Assert.False(await store.RemoveAsync(entry.Fingerprint, cancellation));
        Assert.Null(await store.GetAsync(entry.Fingerprint, cancellation));
        Assert.Equal((0, 0L), (store.Count, store.SizeBytes));
    }

    [Fact]
    public void Set_SameFingerprint_Replaces()
    {
        MemoryEntryStore store = CreateSut(100);
        store.Set(SampleEntries.Plain(1));
        CacheEntry second = SampleEntries.Plain(1, bodyBytes: 900);

        store.Set(second);

        Assert.True(store.TryGet(second.Fingerprint, out CacheEntry? found));
        Assert.Same(second, found);
        Assert.Equal((1, (long)EntrySize.Estimate(second)), (store.Count, store.SizeBytes));
    }

    [Fact]
    public void TryGet_PastItsUse_IsAbsentAndSweptLater()
    {
        MemoryEntryStore store = CreateSut(100);
        CacheEntry entry = SampleEntries.Plain(1, ttlSeconds: 60) with { StaleIfErrorSeconds = 10 };
        store.Set(entry);

        _time.Advance(TimeSpan.FromSeconds(69));
        Assert.True(store.TryGet(entry.Fingerprint, out _));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(store.TryGet(entry.Fingerprint, out _));
        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal((0, 0L, 0L), (store.Count, store.SizeBytes, store.Evictions));
    }

    [Fact]
    public void Entry_MadeWhenTheClockWasAhead_IsSweptAndDoesNotComeBack()
    {
        MemoryEntryStore store = CreateSut(100);
        store.Set(SampleEntries.Plain(1));
        store.Set(SampleEntries.Plain(2, createdAt: SampleEntries.Start.AddHours(2)));

        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(1, store.Count);
        Assert.True(store.TryGet(SampleEntries.Fingerprint(1), out _));
    }

    [Fact]
    public void Set_PastItsUse_IsRefusedAndDropsThePredecessor()
    {
        MemoryEntryStore store = CreateSut(100);
        store.Set(SampleEntries.Plain(1));

        Assert.False(store.Set(SampleEntries.Plain(1, createdAt: SampleEntries.Start.AddDays(-1))));

        Assert.Equal(0, store.Count);
    }

    [Fact]
    public void Set_LargerThanAnEighth_IsRefused()
    {
        MemoryEntryStore store = CreateSut(10);

        Assert.False(store.Set(SampleEntries.Plain(1, bodyBytes: 2 * EntryBytes)));

        Assert.Equal((0, 0L), (store.Count, store.SizeBytes));
    }

    [Fact]
    public void Set_NoRoomAtAll_KeepsNothing() => Assert.False(CreateSut(0).Set(SampleEntries.Plain(1)));

    [Fact]
    public void Set_BeyondTheLimit_StaysWithinIt()
    {
        MemoryEntryStore store = CreateSut(100);
        for (int i = 0; i < 1000; i++)
        {
            store.Set(SampleEntries.Plain(i));
            Assert.InRange(store.SizeBytes, 0, store.SizeLimitBytes);
        }

        Assert.InRange(store.Count, 95, 100);
        Assert.Equal(1000 - store.Count, store.Evictions);
    }

    [Fact]
    public void Set_FloodOfQuestionsAskedOnce_LeavesTheReadOnes()
    {
        MemoryEntryStore store = CreateSut(100);
        for (int i = 0; i < 50; i++)
        {
            store.Set(SampleEntries.Plain(i));
            store.TryGet(SampleEntries.Fingerprint(i), out _);
        }

        // Each is asked for once while a whole storeful passes: the least recently used would be gone by then.
        for (int i = 1000; i < 5000; i++)
        {
            store.Set(SampleEntries.Plain(i));
            if (i % 2 == 0)
            {
                store.TryGet(SampleEntries.Fingerprint(i / 2 % 50), out _);
            }
        }

        Assert.InRange(Enumerable.Range(0, 50).Count(i => store.TryGet(SampleEntries.Fingerprint(i), out _)), 45, 50);
    }

    [Fact]
    public void Set_BackAfterHavingBeenDropped_OutlivesTheFlood()
    {
        MemoryEntryStore store = CreateSut(100);
        for (int i = 0; i < 120; i++)
        {
            store.Set(SampleEntries.Plain(i));
        }

        Assert.False(store.TryGet(SampleEntries.Fingerprint(10), out _));
        store.Set(SampleEntries.Plain(10));
        for (int i = 1000; i < 1130; i++)
        {
            store.Set(SampleEntries.Plain(i));
        }

        Assert.True(store.TryGet(SampleEntries.Fingerprint(10), out _));
    }

    [Fact]
    public void Set_SkewedUse_KeepsMoreHitsThanFirstInFirstOut()
    {
        MemoryEntryStore store = CreateSut(100);
        var random = new Random(7);
        var order = new Queue<int>();
        var kept = new HashSet<int>();
        (int hits, int plainHits) = (0, 0);
        for (int i = 0; i < 50_000; i++)
        {
            // Zipf-like over 1000 questions.
            int question = (int)Math.Pow(1000, random.NextDouble());
            if (store.TryGet(SampleEntries.Fingerprint(question), out _))
            {
                hits++;
            }
            else
            {
                store.Set(SampleEntries.Plain(question));
            }

            if (!kept.Add(question))
            {
                plainHits++;
                continue;
            }

            order.Enqueue(question);
            if (order.Count > 100)
            {
                kept.Remove(order.Dequeue());
            }
        }

        Assert.True(hits > plainHits * 1.05, $"{hits} hits against {plainHits}");
    }

    [Fact]
    public void TryGet_Hit_AllocatesNothing()
    {
        MemoryEntryStore store = CreateSut(100);
        store.Set(SampleEntries.Plain(1));
        Fingerprint256 present = SampleEntries.Fingerprint(1);
        Fingerprint256 absent = SampleEntries.Fingerprint(2);
        Assert.True(store.TryGet(present, out _));

        long before = GC.GetAllocatedBytesForCurrentThread();
        int found = 0;
        for (int i = 0; i < 1000; i++)
        {
            found += store.TryGet(present, out _) ? 1 : 0;
            found += store.TryGet(absent, out _) ? 1 : 0;
        }

        Assert.Equal((1000, 0L), (found, GC.GetAllocatedBytesForCurrentThread() - before));
    }

    [Fact]
    public async Task ReadersAndWriters_AtOnce_KeepTheCountsRight()
    {
        MemoryEntryStore store = CreateSut(200);
        CacheEntry[] entries = [.. Enumerable.Range(0, 400).Select(i => SampleEntries.Plain(i))];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 50_000; i++)
            {
                CacheEntry entry = entries[random.Next(entries.Length)];
                if (store.TryGet(entry.Fingerprint, out CacheEntry? found))
                {
                    Assert.Same(entry, found);
                    if (random.Next(10) == 0)
                    {
                        store.Remove(entry.Fingerprint);
                    }
                }
                else
                {
                    store.Set(entry);
                }
            }
        })));

        int present = entries.Count(entry => store.TryGet(entry.Fingerprint, out _));
        Assert.Equal(store.Count, present);
        Assert.Equal(entries.Where(entry => store.TryGet(entry.Fingerprint, out _)).Sum(EntrySize.Estimate), store.SizeBytes);
    }

    private MemoryEntryStore CreateSut(int roomForEntries)
        => _store = new MemoryEntryStore((long)roomForEntries * EntryBytes, _time);
}
