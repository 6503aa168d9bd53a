using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using CacheProxy.Observability;

namespace CacheProxy.Stores.Resilience;

/// <summary>How the dependencies are: stores, indexes and models, by the names of their <see cref="ResilientCall"/>s.</summary>
public sealed class CallMetrics
{
    private const string NameTag = "cacheproxy.dependency";
    private const string ResultTag = "cacheproxy.dependency.result";

    private readonly ConcurrentDictionary<string, ResilientCall> _calls = new();

    public CallMetrics(IMeterFactory factory)
    {
        Meter meter = factory.Create(CacheProxyMetrics.MeterName);
        meter.CreateObservableGauge("cacheproxy.dependency.up", () => Observe(call => call.IsHealthy ? 1 : 0), null, "0: its calls fail, requests go on without it");
        meter.CreateObservableGauge("cacheproxy.dependency.breaker.open", () => Observe(call => call.IsOpen ? 1 : 0), null, "1: it is not called at all for a while");
        meter.CreateObservableCounter("cacheproxy.dependency.calls", Counts, "{call}", "Calls by how they ended");
    }

    /// <summary>All that are watched.</summary>
    public IReadOnlyCollection<ResilientCall> Calls => [.. _calls.Values];

    /// <returns>The same.</returns>
    public ResilientCall Watch(ResilientCall call) => _calls[call.Name] = call;

    private IEnumerable<Measurement<int>> Observe(Func<ResilientCall, int> read)
        => from call in _calls.Values select new Measurement<int>(read(call), new KeyValuePair<string, object?>(NameTag, call.Name));

    private IEnumerable<Measurement<long>> Counts()
        => from call in _calls.Values
           let counts = call.Counts
           from result in (IEnumerable<(string Name, long Count)>)[("succeeded", counts.Succeeded), ("failed", counts.Failed), ("timed_out", counts.TimedOut), ("rejected", counts.Rejected)]
           select new Measurement<long>(result.Count, [new(NameTag, call.Name), new(ResultTag, result.Name)]);
}
