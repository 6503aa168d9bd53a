namespace CacheProxy.Dashboard.Api;

/// <summary>
/// Sums over requests. Money is whole nanodollars (1e-9 USD) and the same as decimal USD; unknown prices count in no sum, but in
/// <see cref="UnknownPriceRequests"/>. Rates are 0..1, null where nothing was counted.
/// </summary>
public sealed record FiguresView
{
    public required long Requests { get; init; }

    public required long Exact { get; init; }

    public required long Stale { get; init; }

    public required long Semantic { get; init; }

    public required long Collapsed { get; init; }

    public required long Miss { get; init; }

    public required long Bypass { get; init; }

    /// <summary>Refused before anything was looked up or asked.</summary>
    public required long Other { get; init; }

    /// <summary>Exact, stale, semantic and collapsed.</summary>
    public long Hits => Exact + Stale + Semantic + Collapsed;

    /// <summary>Of the requests that were looked up: all but bypasses and what was refused.</summary>
    public double? HitRate => Hits + Miss == 0 ? null : (double)Hits / (Hits + Miss);

    public required long PaidNanodollars { get; init; }

    public decimal PaidUsd => PaidNanodollars / 1e9m;

    /// <summary>What hits and collapsed requests would have paid.</summary>
    public required long SavedNanodollars { get; init; }

    public decimal SavedUsd => SavedNanodollars / 1e9m;

    /// <summary>Embedder, verifier and judge; background calls of the cache.</summary>
    public required long OverheadNanodollars { get; init; }

    public decimal OverheadUsd => OverheadNanodollars / 1e9m;

    /// <summary>Saved less overhead.</summary>
    public long NetNanodollars => SavedNanodollars - OverheadNanodollars;

    public decimal NetUsd => NetNanodollars / 1e9m;

    public required long UnknownPriceRequests { get; init; }

    public double? UnknownPriceShare => Requests == 0 ? null : (double)UnknownPriceRequests / Requests;

    /// <summary>What the misses would have taken, less what the hits took.</summary>
    public required double SecondsSaved { get; init; }

    public required TokensView Tokens { get; init; }

    /// <summary>Prompt tokens that the upstream was expected to have in its prefix cache.</summary>
    public required long PredictedCachedTokens { get; init; }

    /// <summary>Prompt tokens that it said it had.</summary>
    public required long DeliveredCachedTokens { get; init; }

    public required long RequestBytes { get; init; }

    public required long AnswerBytes { get; init; }
}
