using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Tests.Tuning.Statistics;

public sealed class CertifiedThresholdTests
{
    [Fact]
    public void Find_ManySamples_IsWrongAboutTheTargetNoOftenerThanItSays()
    {
        // A pair of score s is wrong with the chance (1 - s) / 2: serving from t on is wrong in (1 - t) / 4 of the cases, 5 % at t = 0.8.
        const double Target = 0.05;
        var random = new Random(11);
        int broken = 0, found = 0;
        for (int run = 0; run < 200; run++)
        {
            var curve = new ThresholdCurve(Enumerable.Range(0, 10_000).Select(_ => random.NextDouble()).Select(score => new ScoredLabel(score, random.NextDouble() >= (1 - score) / 2)));
            if (CertifiedThreshold.Find(curve, Target, 0.95) is { } certified)
            {
                found++;
                broken += (1 - certified.Point.Threshold) / 4 > Target ? 1 : 0;
                Assert.InRange(certified.UpperBound, certified.Point.Error, Target + 1e-9);
            }
        }

        Assert.InRange(found, 190, 200);
        Assert.InRange(broken, 0, 16);
    }

    [Fact]
    public void Find_AWrongLabelAtTheTop_StillFindsThreshold()
    {
        ThresholdCurve curve = Samples.Curve([(1, false), .. Enumerable.Range(0, 3000).Select(i => (0.9 - (i * 0.0001), true))]);

        CertifiedThreshold found = CertifiedThreshold.Find(curve, 0.01, 0.95)!.Value;

        Assert.Equal(1, found.Point.Wrong);
        Assert.InRange(found.Point.Served, 2700, 3001);
    }

    [Fact]
    public void Find_TooFewOrTooWrong_FindsNone()
    {
        int fewest = CertifiedThreshold.FewestNeeded(0.01, 0.95);

        Assert.Null(CertifiedThreshold.Find(Samples.Curve([.. Enumerable.Range(0, fewest - 1).Select(i => (1 - (i * 1e-6), true))]), 0.01, 0.95));
        Assert.NotNull(CertifiedThreshold.Find(Samples.Curve([.. Enumerable.Range(0, fewest).Select(i => (1 - (i * 1e-6), true))]), 0.01, 0.95));
        Assert.Null(CertifiedThreshold.Find(new ThresholdCurve(Samples.Random(1, 5000)), 0.001, 0.95));
        Assert.Null(CertifiedThreshold.Find(Samples.Curve(), 0.5, 0.95));
    }
}
