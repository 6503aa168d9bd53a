namespace CacheProxy.Dashboard.Api;

/// <summary>What providers' and backends' own prefix caches saved: predicted by the proxy, delivered by their word.</summary>
public sealed record PrefixCachesView(RangeView Range, PrefixCacheView Totals, IReadOnlyList<PrefixCacheView> Upstreams, string? Notice);

/// <param name="Upstream">Null: all of them.</param>
/// <param name="PromptTokens">Of the calls that went there.</param>
/// <param name="CachedTokens">Of the prompt tokens: read from its cache.</param>
/// <param name="PredictedTokens">Expected to be in its cache, of the calls that something was predicted for.</param>
/// <param name="DeliveredTokens">Read from its cache, of the same calls.</param>
/// <param name="CachedShare">Of the prompt tokens; null: there were none.</param>
/// <param name="DeliveredOfPredicted">May exceed 1; null: nothing was predicted.</param>
public sealed record PrefixCacheView(
    string? Upstream, long Requests, long PromptTokens, long CachedTokens, long PredictedTokens, long DeliveredTokens, long CacheWriteTokens, double? CachedShare,
    double? DeliveredOfPredicted)
{
    internal static PrefixCacheView From(string? upstream, Ledger.LedgerTotals totals) => new(
        upstream, totals.Requests + totals.BackgroundCalls, totals.Spent.Prompt, totals.Spent.CachedRead, totals.PredictedCachedTokens, totals.DeliveredCachedTokens,
        totals.Spent.CacheWrite, FiguresView.Share(totals.Spent.CachedRead, totals.Spent.Prompt),
        FiguresView.Share(totals.DeliveredCachedTokens, totals.PredictedCachedTokens));
}
