namespace CacheProxy.Invalidation;

/// <param name="Tier">The store's name.</param>
/// <param name="Changed">It had that very entry, which has the new tags now.</param>
/// <param name="Error">Why the store may still have it with the former ones; null: it has not.</param>
public sealed record TierTags(string Tier, bool Changed, string? Error = null);
