namespace CacheProxy.Dashboard.Api;

/// <summary>What providers' and backends' own prefix caches saved: predicted by the proxy, delivered by their word.</summary>
public sealed record PrefixCachesView(RangeView Range, PrefixCacheView Totals, IReadOnlyList<PrefixCacheView> Upstreams, string? Notice);

/// <param name="Upstream">Null: all of them.</param>
/// <param name="Requests">Of clients, and calls of the cache's own, that went there.</param>
/// <param name="ComparedRequests">Of them: both what was expected and what was delivered are known.</param>
/// <param name="UnpredictedRequests">Of them: a prompt was billed, and one of the two is not known.</param>
/// <param name="PromptTokens">Of the calls that went there.</param>
/// <param name="CachedTokens">Of the prompt tokens: read from its cache.</param>
/// <param name="PredictedTokens">Expected to be in its cache, of the compared requests.</param>
/// <param name="DeliveredTokens">Read from its cache, of the same requests.</param>
/// <param name="CachedShare">Of the prompt tokens; null: there were none.</param>
/// <param name="DeliveredOfPredicted">May exceed 1; null: nothing was predicted.</param>
public sealed record PrefixCacheView(
    string? Upstream, long Requests, long ComparedRequests, long UnpredictedRequests, long PromptTokens, long CachedTokens, long PredictedTokens, long DeliveredTokens, long CacheWriteTokens, double? CachedShare,
    double? DeliveredOfPredicted)
{
    internal static PrefixCacheView From(string? upstream, Ledger.LedgerTotals totals) => new(
        upstream, totals.Requests + totals.BackgroundCalls, totals.ComparedCalls, totals.UncomparedCalls, totals.Spent.Prompt, totals.Spent.CachedRead, totals.PredictedCachedTokens, totals.DeliveredCachedTokens,
        totals.Spent.CacheWrite, FiguresView.Share(totals.Spent.CachedRead, totals.Spent.Prompt),
        FiguresView.Share(totals.DeliveredCachedTokens, totals.PredictedCachedTokens));
}
