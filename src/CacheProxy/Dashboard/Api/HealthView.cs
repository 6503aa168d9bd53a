namespace CacheProxy.Dashboard.Api;

/// <summary>How everything is that the proxy depends on.</summary>
/// <param name="IsReady">It can serve a miss.</param>
public sealed record HealthView(
    bool IsReady, IReadOnlyList<DependencyView> Dependencies, IReadOnlyList<UpstreamView> Upstreams, IReadOnlyList<StoreView> Stores, IReadOnlyList<KvPoolView> KvPools,
    LedgerHealthView? Ledger);

/// <summary>One guarded dependency: <c>sqlite</c>, <c>redis</c>, <c>qdrant</c>, <c>embedder</c>, <c>verifier</c>.</summary>
/// <param name="State"><c>closed</c>, <c>open</c>, <c>half_open</c>: its breaker.</param>
/// <param name="P50Seconds">Of the last thousand calls; null: there were none.</param>
public sealed record DependencyView(
    string Name, bool IsHealthy, string State, long Succeeded, long Failed, long TimedOut, long Rejected, double? P50Seconds, double? P99Seconds, string? LastFault);

/// <param name="State"><c>up</c>, <c>half_open</c>, <c>open</c>, <c>resting</c>, <c>down</c>.</param>
public sealed record UpstreamView(string Name, string Kind, string BaseUrl, string State, int Active);

/// <param name="Entries">Null: it cannot say.</param>
/// <param name="LimitBytes">Null: it has none of its own.</param>
public sealed record StoreView(string Name, long? Entries, long? Bytes, long? LimitBytes, long? Evictions, long? Dropped, string? Error);

/// <summary>The prefix cache of one model of a backend that speaks of it.</summary>
/// <param name="HitRate">Tokens found over tokens asked for; null: none was asked for.</param>
public sealed record KvPoolView(
    string Upstream, string? Model, int BlockTokens, long BlockBytes, int FreeBlocks, int CachedBlocks, int LeasedBlocks, int PinnedBlocks, long QueriedTokens,
    long HitTokens, double? HitRate, long EvictedBlocks, KvTierView? Ram, KvTierView? Disk, string? Error);

public sealed record KvTierView(int Blocks, long Bytes, long HitTokens);

/// <param name="Dropped">Rows that were put together with others because the queue was full.</param>
public sealed record LedgerHealthView(bool IsEnabled, long Dropped, string? Error);
