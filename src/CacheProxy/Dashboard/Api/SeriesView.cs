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

    public required IReadOnlyList<double> SecondsSaved { get; init; }

    public required IReadOnlyList<long> PredictedCachedTokens { get; init; }

    public required IReadOnlyList<long> DeliveredCachedTokens { get; init; }

    public required IReadOnlyList<long> PromptTokens { get; init; }

    public required LatencyColumns HitFirstByte { get; init; }

    public required LatencyColumns HitTotal { get; init; }

    public required LatencyColumns MissFirstByte { get; init; }

    public required LatencyColumns MissTotal { get; init; }
}

/// <summary>Percentiles in seconds, one for each of the times.</summary>
public sealed record LatencyColumns(IReadOnlyList<double?> P50, IReadOnlyList<double?> P90, IReadOnlyList<double?> P99);
