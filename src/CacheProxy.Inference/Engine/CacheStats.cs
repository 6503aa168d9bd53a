using CacheProxy.Inference.Tiers;

namespace CacheProxy.Inference.Engine;

/// <summary>What the cache holds between two steps. Free + cached + leased = all blocks of the pool; the pinned are among the cached and leased.</summary>
/// <param name="BlockTokens">Tokens of one block.</param>
/// <param name="BlockBytes">Bytes of one block.</param>
/// <param name="Free">Blocks of the pool that hold nothing.</param>
/// <param name="Cached">Blocks that nobody uses now and that can be found again.</param>
/// <param name="Leased">Blocks of running sequences.</param>
/// <param name="Pinned">Blocks that pins hold.</param>
/// <param name="Pins">Pinned prefixes.</param>
/// <param name="Salts">Salts that have blocks in the pool.</param>
/// <param name="Remembered">Blocks that are gone and of which uses and time are still known.</param>
/// <param name="QueriedTokens">Prompt tokens of all requests that were started.</param>
/// <param name="HitTokens">Those of them whose KV was found, in the pool or a tier.</param>
/// <param name="Evicted">Blocks that the pool gave up.</param>
/// <param name="Tiers">What lies beyond the pool.</param>
public sealed record CacheStats(
    int BlockTokens, long BlockBytes, int Free, int Cached, int Leased, int Pinned, int Pins, int Salts, int Remembered,
    long QueriedTokens, long HitTokens, long Evicted, TierCounts Tiers);
