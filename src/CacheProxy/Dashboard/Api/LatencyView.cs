using CacheProxy.Ledger;

namespace CacheProxy.Dashboard.Api;

/// <summary>Seconds of hits (exact, stale, semantic) and of misses, to the first byte and to the last; of what was answered with a status below 400.</summary>
public sealed record LatencyView(PercentilesView HitFirstByte, PercentilesView HitTotal, PercentilesView MissFirstByte, PercentilesView MissTotal)
{
    internal static LatencyView From(LedgerTotals totals)
    {
        OutcomeTotals hits = totals.HitLatency, misses = totals.MissLatency;
        return new LatencyView(
            PercentilesView.From(hits.FirstByte), PercentilesView.From(hits.Total), PercentilesView.From(misses.FirstByte), PercentilesView.From(misses.Total));
    }
}

/// <summary>Seconds; null where nothing was counted.</summary>
public sealed record PercentilesView(long Count, double? P50, double? P90, double? P95, double? P99)
{
    internal static PercentilesView From(LatencySketch sketch)
        => new(sketch.Count, sketch.Quantile(0.5), sketch.Quantile(0.9), sketch.Quantile(0.95), sketch.Quantile(0.99));
}
