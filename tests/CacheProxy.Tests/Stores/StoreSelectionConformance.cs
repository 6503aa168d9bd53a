using CacheProxy.ExactCache;
using CacheProxy.Exchange;

namespace CacheProxy.Tests.Stores;

/// <summary>What every store must do with a selector. Derive, and create the store under test.</summary>
public abstract class StoreSelectionConformance
{
    /// <summary>Redis tells the time itself: entries are made now.</summary>
    protected static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private static readonly string[] Tags = ["red", "green", "blue"];

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<EntrySelector> Selectors => new()
    {
        EntrySelector.Everything,
        new EntrySelector { Tag = "red" },
        new EntrySelector { Tag = "absent" },
        new EntrySelector { Namespace = "" },
        new EntrySelector { Namespace = "space-1" },
        new EntrySelector { Model = "model-2" },
        new EntrySelector { Scope = "scope-1" },
        new EntrySelector { UserId = "user-3" },
        new EntrySelector { PrefixId = "prefix-0" },
        new EntrySelector { Id = 7.ToString("x32") },
        new EntrySelector { Fingerprint = SampleEntries.Fingerprint(9) },
        new EntrySelector { CreatedFrom = Now.AddMinutes(10) },
        new EntrySelector { CreatedBefore = Now.AddMinutes(10) },
        new EntrySelector { CreatedFrom = Now.AddMinutes(5), CreatedBefore = Now.AddMinutes(6) },
        new EntrySelector { Tag = "green", Model = "model-0", CreatedFrom = Now.AddMinutes(3) },
        new EntrySelector { Tag = "green", UserId = "user-1" },
        new EntrySelector { Id = 7.ToString("x32"), Model = "absent" },
        new EntrySelector { Tag = "' OR 1 --" },
    };

    protected abstract ValueTask<IEntryStore> CreateSut();

    [Theory]
    [MemberData(nameof(Selectors), DisableDiscoveryEnumeration = true)]
    public async Task Selector_CountsReadsAndRemoves_WhatMatchesOnly(EntrySelector selector)
    {
        IEntryStore store = await CreateSut();
        List<CacheEntry> entries = await FillAsync(store);
        CacheEntry[] expected = [.. entries.Where(selector.Matches).OrderBy(entry => entry.Fingerprint.Order)];

        Assert.Equal(expected.Length, await store.CountAsync(selector, Cancellation));
        List<CacheEntry> read = await ReadAsync(store, selector);
        Assert.Equal(expected.Select(entry => entry.Id), read.Select(entry => entry.Id));
        Assert.All(expected.Zip(read), pair => EntryAssert.Same(pair.First, pair.Second));

        var removed = new List<Fingerprint256>();
        Assert.Equal(expected.Length, await store.RemoveAsync(selector, removed.Add, Cancellation));

        Assert.Equal(expected.Select(entry => entry.Fingerprint.ToString()).Order(), removed.Select(fingerprint => fingerprint.ToString()).Order());
        Assert.Equal(0, await store.CountAsync(selector, Cancellation));
        foreach (CacheEntry entry in entries)
        {
            Assert.Equal(selector.Matches(entry), await store.GetAsync(entry.Fingerprint, Cancellation) is null);
        }
    }

    [Fact]
    public async Task Read_BehindAnEntry_GoesOnThere()
    {
        IEntryStore store = await CreateSut();
        List<CacheEntry> entries = await FillAsync(store);
        CacheEntry[] ordered = [.. entries.OrderBy(entry => entry.Fingerprint.Order)];

        List<CacheEntry> rest = await ReadAsync(store, EntrySelector.Everything, ordered[10].Fingerprint);

        Assert.Equal(ordered.Skip(11).Select(entry => entry.Id), rest.Select(entry => entry.Id));
    }

    [Fact]
    public async Task Replaced_WithOtherTags_IsFoundByThoseOnly()
    {
        IEntryStore store = await CreateSut();
        await store.SetAsync(Entry(1) with { Tags = ["old", "kept"], UserId = "u" }, Cancellation);
        await store.SetAsync(Entry(1) with { Tags = ["kept", "new"], Id = "another" }, Cancellation);

        Assert.Equal(0, await store.CountAsync(new EntrySelector { Tag = "old" }, Cancellation));
        Assert.Equal(0, await store.CountAsync(new EntrySelector { UserId = "u" }, Cancellation));
        Assert.Equal(0, await store.CountAsync(new EntrySelector { Id = Entry(1).Id }, Cancellation));
        Assert.Equal(1, await store.CountAsync(new EntrySelector { Tag = "kept" }, Cancellation));
        Assert.Equal(1, await store.RemoveAsync(new EntrySelector { Tag = "new" }, null, Cancellation));
        Assert.Equal(0, await store.CountAsync(EntrySelector.Everything, Cancellation));
    }

    [Fact]
    public async Task Retagged_IsFoundByTheNewTagsOnly_AndIsElseTheSame()
    {
        IEntryStore store = await CreateSut();
        CacheEntry entry = Entry(1) with { Tags = ["old", "kept"], UserId = "u" };
        await store.SetAsync(entry, Cancellation);

        Assert.True(await store.RetagAsync(entry, ["kept", "new"], Cancellation));

        EntryAssert.Same(entry with { Tags = ["kept", "new"] }, (await store.GetAsync(entry.Fingerprint, Cancellation))!);
        Assert.Equal(0, await store.CountAsync(new EntrySelector { Tag = "old" }, Cancellation));
        Assert.Equal(1, await store.CountAsync(new EntrySelector { Tag = "kept" }, Cancellation));
        Assert.Equal(1, await store.CountAsync(new EntrySelector { Id = entry.Id }, Cancellation));
        Assert.Equal(1, await store.CountAsync(new EntrySelector { UserId = "u" }, Cancellation));
        Assert.Equal(0, await store.RemoveAsync(new EntrySelector { Tag = "old" }, null, Cancellation));
        Assert.Equal(1, await store.RemoveAsync(new EntrySelector { Tag = "new" }, null, Cancellation));
    }

    [Fact]
    public async Task Retagged_WhileANewerOneIsInItsPlace_LeavesThat()
    {
        IEntryStore store = await CreateSut();
        CacheEntry newer = Entry(1) with { Id = "another", Tags = ["newer"] };
        await store.SetAsync(Entry(1), Cancellation);
        await store.SetAsync(newer, Cancellation);

        Assert.False(await store.RetagAsync(Entry(1), ["new"], Cancellation));
        Assert.False(await store.RetagAsync(Entry(2), ["new"], Cancellation));

        EntryAssert.Same(newer, (await store.GetAsync(newer.Fingerprint, Cancellation))!);
        Assert.Equal(0, await store.CountAsync(new EntrySelector { Tag = "new" }, Cancellation));
    }

    [Fact]
    public async Task Many_AreRemovedWhileOthersAreStored()
    {
        IEntryStore store = await CreateSut();
        for (int i = 0; i < 2500; i++)
        {
            await store.SetAsync(Entry(i) with { Tags = ["gone"] }, Cancellation);
        }

        Task<long> removal = store.RemoveAsync(new EntrySelector { Tag = "gone" }, null, Cancellation).AsTask();
        for (int i = 2500; i < 2600; i++)
        {
            await store.SetAsync(Entry(i) with { Tags = ["stays"] }, Cancellation);
        }

        Assert.Equal(2500, await removal);
        Assert.Equal(100, await store.CountAsync(EntrySelector.Everything, Cancellation));
        Assert.Equal(100, (await ReadAsync(store, new EntrySelector { Tag = "stays" })).Count);
    }

    protected static async Task<List<CacheEntry>> ReadAsync(IEntryStore store, EntrySelector selector, Fingerprint256? after = null)
    {
        var entries = new List<CacheEntry>();
        await foreach (CacheEntry entry in store.ReadAsync(selector, after, Cancellation))
        {
            entries.Add(entry);
        }

        return entries;
    }

    private static CacheEntry Entry(int number) => SampleEntries.Plain(number, bodyBytes: 100, ttlSeconds: 36_000, createdAt: Now);

    // 250: more than one page of every store.
    private static async Task<List<CacheEntry>> FillAsync(IEntryStore store)
    {
        var entries = new List<CacheEntry>();
        for (int i = 0; i < 250; i++)
        {
            CacheEntry entry = SampleEntries.Plain(i, bodyBytes: 100, ttlSeconds: 36_000, createdAt: Now.AddMinutes(i % 20)) with
            {
                Namespace = i % 3 == 0 ? "" : $"space-{i % 3}",
                Model = $"model-{i % 4}",
                Scope = $"scope-{i % 5}",
                UserId = i % 2 == 0 ? null : $"user-{i % 7}",
                PrefixId = i % 5 == 1 ? null : $"prefix-{i % 6}",
                Tags = [.. Tags.Where((_, t) => (i >> t) % 2 == 1)],
            };
            entries.Add(entry);
            await store.SetAsync(entry, Cancellation);
        }

        return entries;
    }
}
