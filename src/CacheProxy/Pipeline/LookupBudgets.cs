using System.Diagnostics.Metrics;
using CacheProxy.Observability;
using CacheProxy.SemanticCache;
using CacheProxy.Stores;
using CacheProxy.Stores.Redis;
using Microsoft.Extensions.Options;

namespace CacheProxy.Pipeline;

/// <summary>What a look-up may take by the settings, for alerts to compare with what it takes.</summary>
internal sealed class LookupBudgets
{
    public LookupBudgets(IMeterFactory factory, IOptions<DataOptions> data, IOptions<RedisOptions> redis, IOptionsMonitor<SemanticOptions> semantic)
    {
        // Entries below memory are in Redis where there is one, else on disk.
        int exact = redis.Value.Url.Length > 0 ? redis.Value.BudgetMilliseconds : data.Value.BudgetMilliseconds;
        factory.Create(CacheProxyMetrics.MeterName).CreateObservableGauge(
            "cacheproxy.lookup.budget", () => Measure(exact, semantic.CurrentValue), "s", "Time that a look-up may take; beyond it the request goes on as a miss");
    }

    private static Measurement<double>[] Measure(int exact, SemanticOptions semantic)
        => semantic.IsAnyOn ? [Of("exact", exact), Of("semantic", semantic.BudgetMilliseconds)] : [Of("exact", exact)];

    private static Measurement<double> Of(string tier, int milliseconds) => new(milliseconds / 1000.0, new KeyValuePair<string, object?>("cacheproxy.cache.tier", tier));
}
