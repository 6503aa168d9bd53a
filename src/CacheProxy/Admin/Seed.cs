using CacheProxy.Exchange;

namespace CacheProxy.Admin;

/// <summary>A line that can be stored.</summary>
internal sealed record Seed(ExchangeFeature Exchange, CacheEntry Entry);
