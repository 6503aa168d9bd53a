using System.Diagnostics.Metrics;
using CacheProxy.Observability;

namespace CacheProxy.Stores.Memory;

/// <summary>How full the memory tier is.</summary>
public sealed class MemoryMetrics
{
    public MemoryMetrics(IMeterFactory factory, MemoryEntryStore store)
    {
        Meter meter = factory.Create(CacheProxyMetrics.MeterName);
        meter.CreateObservableGauge("cacheproxy.memory.entries", () => store.Count, "{entry}", "Entries in memory");
        meter.CreateObservableGauge("cacheproxy.memory.size", () => store.SizeBytes, "By", "What they take");
        meter.CreateObservableGauge("cacheproxy.memory.limit", () => store.SizeLimitBytes, "By", "What they may take");
        meter.CreateObservableCounter("cacheproxy.memory.evictions", () => store.Evictions, "{entry}", "Entries given up for others");
    }
}
