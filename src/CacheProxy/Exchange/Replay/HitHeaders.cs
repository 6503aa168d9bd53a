using System.Globalization;
using CacheProxy.Protocol;

namespace CacheProxy.Exchange.Replay;

/// <summary>Texts of the headers that every hit carries, made once per number of seconds: a hit then formats nothing.</summary>
internal static class HitHeaders
{
    // 1 MB at most when every second of the two hours is asked for in all tiers; longer times are formatted each time.
    private const int MaxSeconds = 7200;

    private static readonly string?[] Ages = new string?[MaxSeconds];
    private static readonly string?[] Exact = new string?[MaxSeconds];
    private static readonly string?[] Semantic = new string?[MaxSeconds];

    public static string Age(long seconds)
        => seconds < MaxSeconds ? Ages[seconds] ??= Text(seconds) : Text(seconds);

    /// <param name="ttlSeconds">Freshness left; negative when stale.</param>
    public static string Status(CacheOutcome outcome, long ttlSeconds)
    {
        string?[]? known = outcome switch { CacheOutcome.Exact => Exact, CacheOutcome.Semantic => Semantic, _ => null };
        return known is null || ttlSeconds is < 0 or >= MaxSeconds
            ? Make(outcome, ttlSeconds)
            : known[ttlSeconds] ??= Make(outcome, ttlSeconds);
    }

    private static string Make(CacheOutcome outcome, long ttlSeconds) => CacheStatus.Hit(outcome.ToTag(), ttlSeconds).ToString();

    private static string Text(long seconds) => seconds.ToString(CultureInfo.InvariantCulture);
}
