using System.Diagnostics.Metrics;
using CacheProxy.Inference.Prefix;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.TestKit;
using CacheProxy.TestKit;

namespace CacheProxy.Inference.Tests.Scheduling;

/// <summary>The ages that a cache reports of its blocks, by a clock that stands still unless told.</summary>
public sealed class BlockMetricsTests
{
    private const string Lifetime = "cacheproxy.engine.block.lifetime", Idle = "cacheproxy.engine.block.idle_before_eviction", ReuseGap = "cacheproxy.engine.block.reuse_gap";

    [Fact]
    public void Block_PublishedReusedEvicted_ReportsItsAgesInSeconds()
    {
        var clock = new FakeTimeProvider();
        using var meter = new Meter("block ages");
        using var listener = new MeterListener();
        var seen = new List<(string Name, double Seconds)>();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter == meter)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            Assert.Equal(("s", "model", "tiny"), (instrument.Unit, tags[0].Key, tags[0].Value));
            seen.Add((instrument.Name, value));
        });
        listener.Start();
        using var cache = new KvCache(
            new FakeModelRunner(blockCount: 3, blockSize: 4), time: clock, metrics: new BlockMetrics(meter, new KeyValuePair<string, object?>("model", "tiny")));

        Use(cache, [1, 2, 3, 4, 5]);
        Assert.Empty(seen);

        clock.Advance(TimeSpan.FromSeconds(7));
        Use(cache, [1, 2, 3, 4, 6]);
        Assert.Equal([(ReuseGap, 7.0)], seen);

        seen.Clear();
        clock.Advance(TimeSpan.FromSeconds(5));
        Use(cache, [9, 9, 9, 9, 8]);

        // The two tails go, the older one first; the block that was found again stays.
        Assert.Equal([(Lifetime, 12.0), (Idle, 12.0), (Lifetime, 5.0), (Idle, 5.0)], seen);
    }

    private static void Use(KvCache cache, int[] tokens)
    {
        PrefixLease lease = cache.Tree.Lease("", cache.Tree.Match("", tokens));
        Assert.True(lease.TryReserve(tokens.Length));
        lease.Complete(tokens);
    }
}
