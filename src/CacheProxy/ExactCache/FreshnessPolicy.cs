using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;

namespace CacheProxy.ExactCache;

/// <summary>
/// Gives a new entry its lifetime: what the request's policy says, or what the request asks for as far as the policy lets it, shortened by
/// what the upstream says where that counts, then by the jitter.
/// </summary>
public static class FreshnessPolicy
{
    public static Lifetime For(ExchangeFeature exchange, UpstreamCacheControl upstream = default)
    {
        CachePolicy policy = exchange.Policy;
        int ttl = Math.Min(policy.TtlOf(exchange.TtlSeconds), exchange.Joined?.TtlSeconds ?? int.MaxValue);
        if (!policy.ObeyUpstreamCacheControl)
        {
            upstream = default;
        }

        if (upstream.ForbidsStoring)
        {
            return default;
        }

        bool isStaleOk = !upstream.ForbidsStale;
        return new Lifetime(
            Shorten(Math.Min(ttl, upstream.MaxAgeSeconds ?? ttl), policy.TtlJitterPercent, exchange),
            isStaleOk ? policy.StaleWhileRevalidateSeconds : 0,
            isStaleOk ? policy.StaleIfErrorSeconds : 0,
            isStaleOk ? policy.KeepStaleSeconds : 0);
    }

    // The part is drawn from the fingerprint and the time, not from a generator: every proxy gives the same answer the same lifetime.
    private static int Shorten(int ttl, int percent, ExchangeFeature exchange)
    {
        if (percent == 0 || ttl <= 1)
        {
            return ttl;
        }

        ulong seed = (exchange.Fingerprint[1] ^ (ulong)exchange.AnsweredAt.UtcTicks) * 0x9E37_79B9_7F4A_7C15;
        double part = (seed >> 11) * (1.0 / (1UL << 53));
        return Math.Max(1, ttl - (int)(ttl * (percent / 100.0) * part));
    }
}
