namespace CacheProxy.Dashboard.Api;

/// <summary>What providers' and backends' own prefix caches saved: predicted by the proxy, delivered by their word.</summary>
public sealed record PrefixCachesView(RangeView Range, PrefixCacheView Totals, IReadOnlyList<PrefixCacheView> Upstreams, string? Notice);

/// <param name="Upstream">Null: all.</param>
/// <param name="PromptTokens">Of the requests that went there.</param>
/// <param name="DeliveredShare">Of the prompt tokens; null: there were none.</param>
/// <param name="DeliveredOfPredicted">Null: nothing was predicted.</param>
public sealed record PrefixCacheView(
    string? Upstream, long Requests, long PromptTokens, long PredictedTokens, long DeliveredTokens, long CacheWriteTokens, double? DeliveredShare, double? DeliveredOfPredicted);
