using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Tests.Tuning.Statistics;

internal static class Samples
{
    /// <summary>Scores in steps, so that there are ties; a higher one is oftener right.</summary>
    public static ScoredLabel[] Random(int seed, int count, int steps = 20)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(steps + 1) / (double)steps).Select(score => new ScoredLabel(score, random.NextDouble() < score))];
    }

    public static ThresholdCurve Curve(params (double Score, bool IsRight)[] labels) => new(labels.Select(label => new ScoredLabel(label.Score, label.IsRight)));
}
