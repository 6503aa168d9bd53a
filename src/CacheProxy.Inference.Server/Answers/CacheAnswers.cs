using System.Text.Json.Serialization;

namespace CacheProxy.Inference.Server.Answers;

/// <param name="FreedBlocks">Blocks forgotten in pool and tiers.</param>
internal sealed record CacheResetAnswer(string Model, int FreedBlocks);

/// <param name="PinnedTokens">Leading tokens held.</param>
internal sealed record CachePinAnswer(string Model, int PromptTokens, int PinnedTokens, double TtlSeconds);

internal sealed record CacheStatsAnswer(string Model, CachePoolAnswer Pool, CacheTierAnswer Ram, CacheTierAnswer Disk, CacheTotalsAnswer Totals);

internal sealed record CachePoolAnswer(int BlockTokens, long BlockBytes, int FreeBlocks, int CachedBlocks, int LeasedBlocks, int PinnedBlocks, int Pins, int Salts);

internal sealed record CacheTierAnswer(int Blocks, long Bytes, long HitTokens);

internal sealed record CacheTotalsAnswer(
    long QueriedTokens, long HitTokens, long EvictedBlocks, long SpilledBlocks, long DroppedBlocks, long DamagedBlocks, long DeclinedLoads, int RememberedBlocks);

internal sealed record CacheExplainAnswer(
    string Model, int PromptTokens, int CachedTokens, int PoolTokens, int RamTokens, int DiskTokens, int PinnedTokens, CacheDivergenceAnswer? Divergence);

/// <param name="Reason">never_seen, evicted or other_tenant.</param>
internal sealed record CacheDivergenceAnswer(
    int TokenIndex,
    string Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? EvictedSecondsAgo,
    string TextBefore,
    string TextAfter,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CachedInstead);

/// <summary>JSON of the cache's own answers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CacheResetAnswer))]
[JsonSerializable(typeof(CachePinAnswer))]
[JsonSerializable(typeof(CacheStatsAnswer))]
[JsonSerializable(typeof(CacheExplainAnswer))]
internal sealed partial class CacheJson : JsonSerializerContext;
