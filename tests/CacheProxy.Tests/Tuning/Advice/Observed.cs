using CacheProxy.Tuning.Advice;
using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Tests.Tuning.Advice;

internal static class Observed
{
    /// <summary>Evidence of which what scores under <paramref name="wrongUnder"/> is wrong every other time, and the rest right.</summary>
    public static IEnumerable<Evidence> Candidates(string model, int count, double wrongUnder) => Enumerable.Range(0, count)
        .Select(i => new Evidence(model, "", new ScoredLabel(1 - (i / (double)count), 1 - (i / (double)count) >= wrongUnder || i % 2 == 0), null));

    public static Evidence Hit(long age, bool isRight = true) => new("", "", new ScoredLabel(1, isRight), age);
}
