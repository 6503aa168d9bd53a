using CacheProxy.SemanticCache.Truth;

namespace CacheProxy.Tuning.Advice;

/// <summary>
/// What the ages at which answers were wanted again say of the TTL. Beyond the TTL of now nothing was seen, since nothing was kept: a longer one is
/// advised where answers are still wanted near its end, with an estimate of what that brings; a shorter one where older answers are wrong more often.
/// </summary>
/// <param name="NowSeconds">The TTL of now.</param>
/// <param name="AdvisedSeconds">The advised one; the same: keep it.</param>
/// <param name="ExpectedHits">Hits that the advised one would have had in the place of <paramref name="Hits"/>; beyond the TTL of now an estimate.</param>
/// <param name="Hits">Candidates at or over the threshold.</param>
/// <param name="Reason">Why.</param>
/// <param name="Ages">Hits and wrong ones by age.</param>
public sealed record TtlAdvice(
    long NowSeconds, long AdvisedSeconds, int ExpectedHits, int Hits, string Reason, IReadOnlyList<AgeBucket> Ages)
{
    private const int FewestHits = 50;

    /// <summary>Empty: of all.</summary>
    public string Model { get; init; } = "";

    /// <summary>Empty: of all, or the model takes none.</summary>
    public string Route { get; init; } = "";

    // Share of the hits in the last half of the TTL from which on a longer one is worth its room.
    private const double WantedLate = 0.05;

    /// <summary>There were hits enough to say anything.</summary>
    public bool IsShown => Hits >= FewestHits;

    private static readonly long[] Ladder =
    [
        60, 300, 900, 1800, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 12 * 3600, 86_400, 2 * 86_400, 4 * 86_400, 7 * 86_400, 14 * 86_400, 30 * 86_400,
    ];

    /// <param name="hits">Candidates at or over the threshold whose age is known.</param>
    /// <param name="most">The longest TTL that the settings allow.</param>
    public static TtlAdvice From(IReadOnlyList<Evidence> hits, long now, long most, double targetError)
    {
        AgeBucket[] ages = [.. Buckets(hits)];
        TtlAdvice Advise(long seconds, int expected, string reason) => new(now, seconds, expected, hits.Count, reason, ages);
        if (hits.Count < FewestHits)
        {
            return Advise(now, hits.Count, $"too few hits to tell; {FewestHits} are needed");
        }

        if (FirstStale(ages, targetError) is { } stale && stale.FromSeconds > 0 && stale.FromSeconds < now)
        {
            return Advise(stale.FromSeconds, CountUpTo(hits, stale.FromSeconds), "older answers are wrong too often");
        }

        int late = hits.Count - CountUpTo(hits, now / 2), before = CountUpTo(hits, now / 2) - CountUpTo(hits, now / 4);
        long longer = Math.Min(most, Ladder.FirstOrDefault(step => step >= 2 * now, 2 * now));
        if (late < WantedLate * hits.Count || longer <= now)
        {
            return Advise(now, hits.Count, late < WantedLate * hits.Count ? "answers are seldom wanted near its end" : "Exact:MaxTtlSeconds allows no longer one");
        }

        // Each doubling of the age brings about the same part of the doubling before it, as the last two did.
        double falloff = before == 0 ? 1 : Math.Min(1, (double)late / before);
        double doublings = Math.Log2((double)longer / now);
        return Advise(longer, hits.Count + (int)(late * falloff * Math.Min(1, doublings)), "answers are still wanted near its end");
    }

    // Only where it is sure that age makes them wrong: the first bucket whose lower bound is beyond the target, when all before it together is not.
    private static AgeBucket? FirstStale(AgeBucket[] ages, double targetError)
    {
        int hits = 0, wrong = 0;
        foreach (AgeBucket bucket in ages)
        {
            if (WilsonInterval.Of(bucket.Wrong, bucket.Hits).Lower > targetError && WilsonInterval.Of(wrong, hits).Lower <= targetError && hits > 0)
            {
                return bucket;
            }

            hits += bucket.Hits;
            wrong += bucket.Wrong;
        }

        return null;
    }

    private static IEnumerable<AgeBucket> Buckets(IReadOnlyList<Evidence> hits)
    {
        long from = 0;
        foreach (long to in Ladder.Append(long.MaxValue))
        {
            Evidence[] inside = [.. hits.Where(hit => hit.AgeSeconds >= from && hit.AgeSeconds < to)];
            if (inside.Length > 0)
            {
                yield return new AgeBucket(from, to, inside.Length, inside.Count(hit => !hit.Label.IsRight));
            }

            from = to;
        }
    }

    private static int CountUpTo(IReadOnlyList<Evidence> hits, long seconds) => hits.Count(hit => hit.AgeSeconds < seconds);
}
