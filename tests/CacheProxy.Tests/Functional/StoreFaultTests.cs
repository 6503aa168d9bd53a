using System.Diagnostics;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CacheProxy.Tests.Functional;

public class StoreFaultTests
{
    [Fact]
    public async Task Store_Throwing_IsAMiss()
    {
        var store = new FaultyStore { Behaviour = () => throw new IOException("gone") };
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(services: services => Use(services, store));

        Reply first = await proxy.AskAsync();
        Assert.Equal(200, first.Status);
        Assert.StartsWith("CacheProxy; fwd=miss", first.CacheStatus);

        // Until the first request's flight has gone, the next one is answered from it.
        await Wait.UntilAsync(async () => (await proxy.AskAsync()).CacheStatus!.StartsWith("CacheProxy; fwd=miss", StringComparison.Ordinal), "a second miss");
        Assert.Equal(2, proxy.Upstream.Calls);
        Assert.True(store.Calls >= 3);
    }

    [Fact]
    public async Task Store_NeverWriting_HoldsUpNeitherTheClientNorTheNextOne()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(services: services => Use(services, new WriteHangs()));

        long started = Stopwatch.GetTimestamp();
        await proxy.AskAsync();
        Reply second = await proxy.AskAsync();

        Assert.StartsWith("CacheProxy; hit; detail=exact", second.CacheStatus);
        Assert.True(Stopwatch.GetElapsedTime(started).TotalSeconds < 10);
    }

    [Fact]
    public async Task Store_WithAnEntryOfAnotherScope_IsAMiss()
    {
        // What it hands out is some entry, as a damaged store might.
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(services: services => Use(services, new FaultyStore()));

        Reply reply = await proxy.AskAsync();

        Assert.StartsWith("CacheProxy; fwd=miss", reply.CacheStatus);
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    private static void Use(IServiceCollection services, IEntryStore store)
    {
        services.RemoveAll<IEntryStore>();
        services.AddSingleton(store);
    }

    private sealed class WriteHangs : IEntryStore
    {
        public string Name => "hangs";

        public ValueTask<CacheEntry?> GetAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken) => default;

        public async ValueTask SetAsync(CacheEntry entry, CancellationToken cancellationToken)
            => await Task.Delay(Timeout.Infinite, cancellationToken);

        public ValueTask<bool> RemoveAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken) => default;

        public ValueTask<long> CountAsync(EntrySelector selector, CancellationToken cancellationToken) => default;

        public ValueTask<long> RemoveAsync(EntrySelector selector, Action<Fingerprint256>? removed, CancellationToken cancellationToken) => default;

        public IAsyncEnumerable<CacheEntry> ReadAsync(EntrySelector selector, Fingerprint256? after, CancellationToken cancellationToken)
            => AsyncEnumerable.Empty<CacheEntry>();
    }
}
