using CacheProxy.Exchange;
using CacheProxy.Ledger;

namespace CacheProxy.Dashboard.Api;

/// <summary>
/// Sums over requests, as the ledger has them. Money is whole nanodollars (1e-9 USD) and the same as decimal USD; what has no known price is in
/// no sum, but counted in <see cref="UnknownPriceRequests"/>; what is known in part is in the sums with that part, and counted in <see cref="PartPriceRequests"/>. Rates are 0..1, null where nothing was counted.
/// </summary>
public sealed record FiguresView
{
    /// <summary>Of clients.</summary>
    public required long Requests { get; init; }

    public required long Exact { get; init; }

    public required long Stale { get; init; }

    public required long Semantic { get; init; }

    public required long Collapsed { get; init; }

    public required long Miss { get; init; }

    public required long Bypass { get; init; }

    /// <summary>Refused before any of that was decided.</summary>
    public required long Other { get; init; }

    /// <summary>Answered with a status of 400 and more.</summary>
    public required long Errors { get; init; }

    /// <summary>Whose client left before the end.</summary>
    public required long Aborted { get; init; }

    /// <summary>Calls that the cache made by itself.</summary>
    public required long BackgroundCalls { get; init; }

    /// <summary>Exact, stale and semantic.</summary>
    public long Hits => Exact + Stale + Semantic;

    /// <summary>Hits among the requests that were looked up: all but bypasses and what was refused.</summary>
    public double? HitRate => Share(Hits, Hits + Collapsed + Miss);

    /// <summary>To upstreams, for all work.</summary>
    public required long PaidNanodollars { get; init; }

    public decimal PaidUsd => Usd(PaidNanodollars);

    /// <summary>Of the paid: for the calls that the cache made by itself.</summary>
    public required long BackgroundPaidNanodollars { get; init; }

    public decimal BackgroundPaidUsd => Usd(BackgroundPaidNanodollars);

    /// <summary>What requests would have cost had the cache not answered.</summary>
    public required long SavedNanodollars { get; init; }

    public decimal SavedUsd => Usd(SavedNanodollars);

    /// <summary>The cache's own computing: embedder and verifier in the process.</summary>
    public required long OverheadNanodollars { get; init; }

    public decimal OverheadUsd => Usd(OverheadNanodollars);

    /// <summary>Saved less overhead, less what the cache's own calls cost. May be negative.</summary>
    public required long NetNanodollars { get; init; }

    public decimal NetUsd => Usd(NetNanodollars);

    public required long UnknownPriceRequests { get; init; }

    public double? UnknownPriceShare => Share(UnknownPriceRequests, Requests + BackgroundCalls);

    /// <summary>Cost or would have cost more than is in the sums: searches, audio or images beside their tokens. None of them is of unknown price.</summary>
    public required long PartPriceRequests { get; init; }

    /// <summary>What the upstreams would have taken, less what the cache took.</summary>
    public required double SecondsSaved { get; init; }

    /// <summary>That upstreams billed.</summary>
    public required TokensView Tokens { get; init; }

    /// <summary>That were not asked of an upstream.</summary>
    public required TokensView SavedTokens { get; init; }

    /// <summary>Prompt tokens expected to be in an upstream's prefix cache, of the calls whose answer told how many were.</summary>
    public required long PredictedCachedTokens { get; init; }

    /// <summary>Prompt tokens that came out of it, of the calls that something was predicted for.</summary>
    public required long DeliveredCachedTokens { get; init; }

    public required long RequestBytes { get; init; }

    public required long AnswerBytes { get; init; }

    internal static FiguresView From(LedgerTotals totals) => new()
    {
        Requests = totals.Requests,
        Exact = totals.RequestsOf(CacheOutcome.Exact),
        Stale = totals.RequestsOf(CacheOutcome.Stale),
        Semantic = totals.RequestsOf(CacheOutcome.Semantic),
        Collapsed = totals.RequestsOf(CacheOutcome.Collapsed),
        Miss = totals.RequestsOf(CacheOutcome.Miss),
        Bypass = totals.RequestsOf(CacheOutcome.Bypass),
        Other = totals.RequestsOf(CacheOutcome.None),
        Errors = totals.Errors,
        Aborted = totals.Aborted,
        BackgroundCalls = totals.BackgroundCalls,
        PaidNanodollars = totals.Paid.Nanodollars,
        BackgroundPaidNanodollars = totals.BackgroundPaid.Nanodollars,
        SavedNanodollars = totals.Avoided.Nanodollars,
        OverheadNanodollars = totals.Overhead.Nanodollars,
        NetNanodollars = totals.Net.Nanodollars,
        UnknownPriceRequests = totals.RequestsOfUnknownPrice,
        PartPriceRequests = totals.RequestsOfPartPrice,
        SecondsSaved = totals.SecondsSaved,
        Tokens = TokensView.From(totals.Spent),
        SavedTokens = TokensView.From(totals.Saved),
        PredictedCachedTokens = totals.PredictedCachedTokens,
        DeliveredCachedTokens = totals.DeliveredCachedTokens,
        RequestBytes = totals.RequestBytes,
        AnswerBytes = totals.AnswerBytes,
    };

    internal static double? Share(long part, long whole) => whole == 0 ? null : (double)part / whole;

    internal static decimal Usd(long nanodollars) => new Money(nanodollars).ToUsd();
}
