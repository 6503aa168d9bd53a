using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.TestKit;
using CacheProxy.Tests.SemanticCache;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.ExactCache;

public class EntryTiersPurgeTests
{
    private readonly PurgeLog _purges = new();
    private readonly FakeEntryStore _fast = new();
    private readonly FakeEntryStore _slow = new();
    private readonly EntryTiers _sut;

    public EntryTiersPurgeTests()
        => _sut = new EntryTiers([_fast, _slow], _purges, [], new FakeTimeProvider(SampleEntries.Start), NullLogger<EntryTiers>.Instance);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Store_OfWhatWasPurgedSinceItWasAskedFor_LeavesNothing()
    {
        CacheEntry entry = SampleEntries.Plain(1);
        long mark = _purges.Mark;
        _purges.Add(new EntrySelector { Model = entry.Model });

        await _sut.StoreAsync(entry, mark, Cancellation);

        await AssertAbsentAsync(entry);
    }

    [Fact]
    public async Task Store_PurgedBetweenTwoTiers_LeavesNothing()
    {
        CacheEntry entry = SampleEntries.Plain(1);
        _slow.OnSet = () => _purges.Add(new EntrySelector { Model = entry.Model });

        await _sut.StoreAsync(entry, _purges.Mark, Cancellation);

        await AssertAbsentAsync(entry);
    }

    [Fact]
    public async Task Copy_ToAFasterTier_PurgedMeanwhile_LeavesNothing()
    {
        CacheEntry entry = SampleEntries.Plain(1);
        await _slow.SetAsync(entry, Cancellation);
        _fast.OnSet = () => _purges.Add(new EntrySelector { Model = entry.Model });

        await _sut.FindAsync(ExchangeOf(entry), Cancellation);

        Assert.Null(await _fast.GetAsync(entry.Fingerprint, Cancellation));
    }

    [Fact]
    public async Task Store_AskedForAfterThePurge_Stays()
    {
        CacheEntry entry = SampleEntries.Plain(1);
        _purges.Add(new EntrySelector { Model = entry.Model });

        await _sut.StoreAsync(entry, _purges.Mark, Cancellation);

        Assert.NotNull(await _fast.GetAsync(entry.Fingerprint, Cancellation));
        Assert.NotNull(await _slow.GetAsync(entry.Fingerprint, Cancellation));
    }

    private static ExchangeFeature ExchangeOf(CacheEntry entry) => new()
    {
        Dialect = Dialect.OpenAIChat,
        Scope = new Scope(SampleEntries.Fingerprint(1000)),
        Body = default,
        Fingerprint = entry.Fingerprint,
    };

    private async Task AssertAbsentAsync(CacheEntry entry)
    {
        Assert.Null(await _fast.GetAsync(entry.Fingerprint, Cancellation));
        Assert.Null(await _slow.GetAsync(entry.Fingerprint, Cancellation));
    }
}
