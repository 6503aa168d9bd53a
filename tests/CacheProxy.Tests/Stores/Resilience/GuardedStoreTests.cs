using CacheProxy.Exchange;
using CacheProxy.SemanticCache;
using CacheProxy.Stores.Resilience;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Stores.Resilience;

public sealed class GuardedStoreTests
{
    private static readonly Fingerprint256 Key = SampleEntries.Fingerprint(1);
    private static readonly IndexedQuestion Question = new(Key, Key, "text", SampleEntries.Start);

    private readonly FakeTimeProvider _time = new();
    private readonly FaultyStore _inner = new();
    private readonly ResilientCall _call;
    private readonly GuardedEntryStore _store;
    private readonly GuardedVectorIndex _index;

    public GuardedStoreTests()
    {
        _call = new ResilientCall("faulty", new ResilienceOptions(), _time, new RecordedLog<ResilientCall>());
        _store = new GuardedEntryStore(_inner, _call);
        _index = new GuardedVectorIndex(_inner, _call);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WorkingStore_IsPassedThrough()
    {
        Assert.NotNull(await _store.GetAsync(Key, Cancellation));
        Assert.True(await _store.RemoveAsync(Key, Cancellation));
        Assert.Single(await _index.SearchAsync(Key, default, 1, 0.9f, Cancellation));
        await _store.SetAsync(SampleEntries.Plain(1), Cancellation);
        await _index.UpsertAsync(Question, default, Cancellation);
        await _index.RemoveAsync(Key, Key, Cancellation);

        Assert.Equal((6, 6L), (_inner.Calls, _call.Counts.Succeeded));
    }

    [Fact]
    public async Task FailingStore_IsAMissAndRemovalSaysSo()
    {
        _inner.Behaviour = () => Task.FromException(new IOException("gone"));

        Assert.Null(await _store.GetAsync(Key, Cancellation));
        Assert.Empty(await _index.SearchAsync(Key, default, 1, 0.9f, Cancellation));
        await _store.SetAsync(SampleEntries.Plain(1), Cancellation);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await _store.RemoveAsync(Key, Cancellation));
        await _index.UpsertAsync(Question, default, Cancellation);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await _index.RemoveAsync(Key, Key, Cancellation));

        // Four failures open the breaker: the last two never reached the store.
        Assert.Equal((4, 4L, 2L), (_inner.Calls, _call.Counts.Failed, _call.Counts.Rejected));
    }

    [Fact]
    public async Task StalledStore_IsAMissAfterTheBudget()
    {
        var never = new TaskCompletionSource();
        _inner.Behaviour = () => never.Task;
        Task<CacheEntry?> get = _store.GetAsync(Key, Cancellation).AsTask();
        Task<IReadOnlyList<Neighbour>> search = _index.SearchAsync(Key, default, 1, 0.9f, Cancellation).AsTask();

        _time.Advance(new ResilienceOptions().Budget);

        Assert.Null(await get.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
        Assert.Empty(await search.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
        Assert.Equal(2, _call.Counts.TimedOut);
    }
}
