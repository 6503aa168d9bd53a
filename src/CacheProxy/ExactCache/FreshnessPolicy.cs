using CacheProxy.Exchange;

namespace CacheProxy.ExactCache;

/// <summary>Gives a new entry its lifetime: what the request's policy says, or what the request asks for as far as the policy lets it.</summary>
public static class FreshnessPolicy
{
    public static Lifetime For(ExchangeFeature exchange)
    {
        CachePolicy policy = exchange.Policy;
        return new Lifetime(
            exchange.TtlSeconds is { } wish ? Math.Min(wish, policy.MaxTtlSeconds) : policy.TtlSeconds,
            policy.StaleWhileRevalidateSeconds,
            policy.StaleIfErrorSeconds);
    }
}
