using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;

namespace CacheProxy.ExactCache;

/// <summary>
/// Whether an entry answers a request: RFC 9111 §4.2 for freshness, §5.2.1 for the client's wishes, RFC 5861 for stale ones. Where wishes
/// contradict each other the stricter one counts.
/// </summary>
public static class FreshnessRules
{
    public static Freshness Judge(CacheEntry entry, ExchangeFeature exchange, DateTimeOffset now)
        => Judge(entry, exchange.Policy, exchange.Directives, now);

    /// <param name="policy">The asking request's: it may have become stricter since the entry was stored.</param>
    public static Freshness Judge(CacheEntry entry, CachePolicy policy, CacheDirectives wishes, DateTimeOffset now)
    {
        if (!policy.Allows(entry.Answer) || entry.IsAheadOf(now))
        {
            return Freshness.Unusable;
        }

        // A clock set back a little makes no entry younger than new.
        double ageSeconds = Math.Max(0, (now - entry.CreatedAt).TotalSeconds);
        double freshSeconds = policy.TtlOf(entry) - ageSeconds;
        // Ages count in whole seconds on the wire.
        double overAge = wishes.MaxAgeSeconds is { } maxAge ? Math.Floor(ageSeconds) - maxAge : double.NegativeInfinity;
        bool isTooShort = wishes.MinFreshSeconds is { } minFresh && freshSeconds < minFresh;
        if (freshSeconds > 0 && overAge <= 0 && !isTooShort)
        {
            return Freshness.Fresh;
        }

        double staleSeconds = Math.Max(0, -freshSeconds);
        if (!isTooShort && wishes.MaxStaleSeconds is { } maxStale && Math.Max(staleSeconds, overAge) <= maxStale)
        {
            return freshSeconds > 0 ? Freshness.Fresh : Freshness.StaleAccepted;
        }

        // Who says how old or how stale an answer may be is not given a stale one beyond that (RFC 9111 §5.2.1.1 and §5.2.1.2).
        bool isLimited = wishes.MaxAgeSeconds is not null || wishes.MaxStaleSeconds is not null || isTooShort;
        int revalidate = Math.Min(entry.StaleWhileRevalidateSeconds, policy.StaleWhileRevalidateSeconds);
        if (!isLimited && revalidate > 0 && staleSeconds <= revalidate)
        {
            return Freshness.StaleRefresh;
        }

        int ifError = wishes.StaleIfErrorSeconds ?? Math.Min(entry.StaleIfErrorSeconds, policy.StaleIfErrorSeconds);
        return ifError > 0 && staleSeconds <= ifError ? Freshness.StaleIfError : Freshness.Unusable;
    }
}
