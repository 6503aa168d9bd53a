namespace CacheProxy.Invalidation;

/// <param name="Tier">The store's name.</param>
/// <param name="Count">Entries that matched, or were removed.</param>
/// <param name="Error">Why the store could not say, or may still have some; null: it did.</param>
public sealed record TierCount(string Tier, long Count, string? Error = null);
