using System.Diagnostics.Metrics;

namespace CacheProxy.Inference.Scheduling;

/// <summary>How long KV blocks live and rest: the numbers that say whether the pool is too small.</summary>
/// <param name="tags">Of every measurement.</param>
internal sealed class BlockMetrics(Meter meter, KeyValuePair<string, object?> tags)
{
    private static readonly double[] AgeBounds = [0.1, 0.3, 1, 3, 10, 30, 60, 180, 600, 1800, 3600, 10800, 43200];

    private readonly Histogram<double> _lifetime = Create(meter, "cacheproxy.engine.block.lifetime", "Time from a KV block's publication to its eviction.");
    private readonly Histogram<double> _idle = Create(meter, "cacheproxy.engine.block.idle_before_eviction", "Time from a KV block's last use to its eviction.");
    private readonly Histogram<double> _reuseGap = Create(meter, "cacheproxy.engine.block.reuse_gap", "Time between two uses of a KV block.");

    internal void RecordEviction(TimeSpan lifetime, TimeSpan idle)
    {
        _lifetime.Record(lifetime.TotalSeconds, tags);
        _idle.Record(idle.TotalSeconds, tags);
    }

    internal void RecordReuse(TimeSpan gap) => _reuseGap.Record(gap.TotalSeconds, tags);

    private static Histogram<double> Create(Meter meter, string name, string description) =>
        meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = AgeBounds });
}
