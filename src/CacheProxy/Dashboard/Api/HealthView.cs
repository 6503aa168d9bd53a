using CacheProxy.Stores.Resilience;

namespace CacheProxy.Dashboard.Api;

/// <summary>How everything is that the proxy depends on.</summary>
/// <param name="IsReady">It can serve a miss.</param>
/// <param name="KvPools">Of upstreams that speak of theirs.</param>
public sealed record HealthView(
    bool IsReady, IReadOnlyList<DependencyView> Dependencies, IReadOnlyList<UpstreamView> Upstreams, IReadOnlyList<StoreView> Stores, IReadOnlyList<KvPoolView> KvPools,
    LedgerHealthView Ledger);

/// <summary>One guarded dependency: <c>sqlite</c>, <c>redis</c>, <c>redis flights</c>, <c>qdrant</c>, <c>embedder</c>, <c>verifier</c>.</summary>
/// <param name="State"><c>closed</c>, <c>open</c>, <c>half_open</c>: its breaker.</param>
/// <param name="P50Seconds">Of the last thousand calls; null: there were none.</param>
/// <param name="LastFault">Since the start; null: none, or the role may not see it.</param>
public sealed record DependencyView(
    string Name, bool IsHealthy, string State, long Succeeded, long Failed, long TimedOut, long Rejected, double? P50Seconds, double? P99Seconds, string? LastFault)
{
    internal static DependencyView From(CallReport report, bool showsFault) => new(
        report.Name, report.IsHealthy, report.Breaker, report.Counts.Succeeded, report.Counts.Failed, report.Counts.TimedOut, report.Counts.Rejected, report.P50Seconds,
        report.P99Seconds, showsFault ? report.LastFault : null);
}

/// <param name="Kind">As the settings name it.</param>
/// <param name="BaseUrl">Without credentials.</param>
/// <param name="State"><c>up</c>, <c>half_open</c>, <c>open</c>, <c>resting</c>, <c>down</c>.</param>
/// <param name="Active">Requests under way.</param>
public sealed record UpstreamView(string Name, string Kind, string BaseUrl, string State, int Active);

/// <summary>Null: the store cannot say, or it is not its to say.</summary>
/// <param name="Dropped">Entries that were not stored since the start.</param>
public sealed record StoreView(string Name, long? Entries, long? Bytes, long? LimitBytes, long? Evictions, long? Dropped, string? Error);

/// <summary>Blocks of the KV cache of one model.</summary>
/// <param name="Model">Null where <paramref name="Error"/> is not.</param>
/// <param name="HitRate">Tokens found over tokens asked for; null: none was asked for.</param>
/// <param name="Error">Why nothing is known.</param>
public sealed record KvPoolView(
    string Upstream, string? Model, long BlockTokens, long BlockBytes, long FreeBlocks, long CachedBlocks, long LeasedBlocks, long PinnedBlocks, long QueriedTokens,
    long HitTokens, double? HitRate, long EvictedBlocks, KvTierView? Ram, KvTierView? Disk, string? Error)
{
    internal static KvPoolView Unknown(string upstream, string error) => new(upstream, null, 0, 0, 0, 0, 0, 0, 0, 0, null, 0, null, null, error);
}

public sealed record KvTierView(long Blocks, long Bytes, long HitTokens);

/// <param name="Merged">Requests since the start that are in all sums but have no row of their own.</param>
/// <param name="Lost">Requests since the start that are in no sum.</param>
public sealed record LedgerHealthView(bool IsEnabled, long Merged, long Lost);
