using CacheProxy.Exchange;

namespace CacheProxy.ExactCache;

/// <summary>Whether an entry answers a request: RFC 9111 §4.2 for freshness, §5.2.1 for the client's wishes, RFC 5861 for stale ones.</summary>
public static class FreshnessRules
{
    public static Freshness Judge(CacheEntry entry, CacheDirectives wishes, DateTimeOffset now)
    {
        double freshSeconds = (entry.FreshUntil - now).TotalSeconds;
        bool isTooOld = wishes.MaxAgeSeconds is { } maxAge && entry.AgeSeconds(now) > maxAge;
        bool isTooShort = wishes.MinFreshSeconds is { } minFresh && freshSeconds < minFresh;
        if (freshSeconds > 0 && !isTooOld && !isTooShort)
        {
            return Freshness.Fresh;
        }

        double staleSeconds = Math.Max(0, -freshSeconds);
        bool refusesStale = isTooOld || isTooShort || freshSeconds > 0;
        if (!refusesStale && wishes.MaxStaleSeconds is { } maxStale && staleSeconds <= maxStale)
        {
            return Freshness.StaleAccepted;
        }

        if (!refusesStale && staleSeconds <= entry.StaleWhileRevalidateSeconds)
        {
            return Freshness.StaleRefresh;
        }

        int ifError = wishes.StaleIfErrorSeconds ?? entry.StaleIfErrorSeconds;
        return ifError > 0 && staleSeconds <= ifError ? Freshness.StaleIfError : Freshness.Unusable;
    }
}
