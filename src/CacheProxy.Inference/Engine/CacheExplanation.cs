namespace CacheProxy.Inference.Engine;

/// <summary>Where a prompt stops being cached, and why.</summary>
public enum DivergenceReason
{
    /// <summary>All of it is cached that can be: the last token is always computed.</summary>
    None,

    /// <summary>Nothing is known of what follows; also where it is so long ago that it is forgotten.</summary>
    NeverSeen,

    /// <summary>It was cached and has fallen out of pool and tiers.</summary>
    Evicted,

    /// <summary>It is cached under another salt, which shares nothing with this one.</summary>
    OtherTenant,
}

/// <summary>How much of a prompt is cached, in which place, and where it diverges.</summary>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="PoolTokens">Leading tokens in the pool.</param>
/// <param name="RamTokens">Tokens behind those that lie in memory beside the pool.</param>
/// <param name="DiskTokens">Tokens behind those that lie on disk alone. With both tiers the order of the blocks may mix.</param>
/// <param name="PinnedTokens">Leading tokens held by a pin.</param>
/// <param name="Reason">Why the next token has to be computed.</param>
/// <param name="EvictedAgo">With <see cref="DivergenceReason.Evicted"/>: since when.</param>
/// <param name="TextBefore">The last cached text.</param>
/// <param name="TextAfter">The first text that is not cached.</param>
/// <param name="CachedInstead">What the cache goes on with at that place; empty where it ends there too. Of the same salt.</param>
public sealed record CacheExplanation(
    int PromptTokens, int PoolTokens, int RamTokens, int DiskTokens, int PinnedTokens,
    DivergenceReason Reason, TimeSpan? EvictedAgo, string TextBefore, string TextAfter, string CachedInstead)
{
    /// <summary>Leading tokens that need not be computed; also the index of the token at which the prompt diverges.</summary>
    public int CachedTokens => PoolTokens + RamTokens + DiskTokens;
}
