using CacheProxy.Ledger;

namespace CacheProxy.Dashboard.Api;

/// <summary>Figures over time, column by column, as charts take them.</summary>
/// <param name="Times">Unix seconds at which each step begins, ascending, without gaps.</param>
/// <param name="Series">One for all; with <c>by</c> one for each value, the largest first, what is beyond the limit as <c>(other)</c>.</param>
public sealed record SeriesView(RangeView Range, string? By, IReadOnlyList<long> Times, IReadOnlyList<SeriesColumns> Series, string? Notice);

/// <summary>One value for each of the times. Steps without requests hold 0, rates and percentiles null.</summary>
/// <param name="Key">The value that <c>by</c> groups by; null: of all.</param>
public sealed record SeriesColumns(string? Key)
{
    public required IReadOnlyList<long> Requests { get; init; }

    public required IReadOnlyList<long> Exact { get; init; }

    public required IReadOnlyList<long> Stale { get; init; }

    public required IReadOnlyList<long> Semantic { get; init; }

    public required IReadOnlyList<long> Collapsed { get; init; }

    public required IReadOnlyList<long> Miss { get; init; }

    public required IReadOnlyList<long> Bypass { get; init; }

    public required IReadOnlyList<double?> HitRate { get; init; }

    public required IReadOnlyList<decimal> PaidUsd { get; init; }

    public required IReadOnlyList<decimal> SavedUsd { get; init; }

    public required IReadOnlyList<decimal> OverheadUsd { get; init; }

    public required IReadOnlyList<decimal> BackgroundPaidUsd { get; init; }

    public required IReadOnlyList<double> SecondsSaved { get; init; }

    public required IReadOnlyList<long> PredictedCachedTokens { get; init; }

    public required IReadOnlyList<long> DeliveredCachedTokens { get; init; }

    public required IReadOnlyList<long> CachedReadTokens { get; init; }

    public required IReadOnlyList<long> PromptTokens { get; init; }

    public required LatencyColumns HitFirstByte { get; init; }

    public required LatencyColumns HitTotal { get; init; }

    public required LatencyColumns MissFirstByte { get; init; }

    public required LatencyColumns MissTotal { get; init; }

    internal static SeriesColumns From(string? key, IReadOnlyList<LedgerTotals> steps)
    {
        FiguresView[] figures = [.. steps.Select(FiguresView.From)];
        OutcomeTotals[] hits = [.. steps.Select(step => step.HitLatency)], misses = [.. steps.Select(step => step.MissLatency)];
        return new SeriesColumns(key)
        {
            Requests = [.. figures.Select(step => step.Requests)],
            Exact = [.. figures.Select(step => step.Exact)],
            Stale = [.. figures.Select(step => step.Stale)],
            Semantic = [.. figures.Select(step => step.Semantic)],
            Collapsed = [.. figures.Select(step => step.Collapsed)],
            Miss = [.. figures.Select(step => step.Miss)],
            Bypass = [.. figures.Select(step => step.Bypass)],
            HitRate = [.. figures.Select(step => step.HitRate)],
            PaidUsd = [.. figures.Select(step => step.PaidUsd)],
            SavedUsd = [.. figures.Select(step => step.SavedUsd)],
            OverheadUsd = [.. figures.Select(step => step.OverheadUsd)],
            BackgroundPaidUsd = [.. figures.Select(step => step.BackgroundPaidUsd)],
            SecondsSaved = [.. figures.Select(step => step.SecondsSaved)],
            PredictedCachedTokens = [.. figures.Select(step => step.PredictedCachedTokens)],
            DeliveredCachedTokens = [.. figures.Select(step => step.DeliveredCachedTokens)],
            CachedReadTokens = [.. figures.Select(step => step.Tokens.CachedRead)],
            PromptTokens = [.. figures.Select(step => step.Tokens.Prompt)],
            HitFirstByte = LatencyColumns.From(hits.Select(step => step.FirstByte)),
            HitTotal = LatencyColumns.From(hits.Select(step => step.Total)),
            MissFirstByte = LatencyColumns.From(misses.Select(step => step.FirstByte)),
            MissTotal = LatencyColumns.From(misses.Select(step => step.Total)),
        };
    }
}

/// <summary>Percentiles in seconds, one for each of the times.</summary>
public sealed record LatencyColumns(IReadOnlyList<double?> P50, IReadOnlyList<double?> P90, IReadOnlyList<double?> P99)
{
    internal static LatencyColumns From(IEnumerable<LatencySketch> sketches)
    {
        LatencySketch[] all = [.. sketches];
        return new LatencyColumns([.. all.Select(one => one.Quantile(0.5))], [.. all.Select(one => one.Quantile(0.9))], [.. all.Select(one => one.Quantile(0.99))]);
    }
}
