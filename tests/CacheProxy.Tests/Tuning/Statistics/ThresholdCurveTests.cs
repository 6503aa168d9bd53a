using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Tests.Tuning.Statistics;

public sealed class ThresholdCurveTests
{
    [Fact]
    public void Points_OfTies_ServeThemTogether()
    {
        ThresholdCurve sut = Samples.Curve((0.9, true), (0.9, false), (0.5, true), (0.9, true));

        Assert.Equal([new OperatingPoint(0.9, 3, 1), new OperatingPoint(0.5, 4, 1)], sut.Points);
    }

    [Fact]
    public void MostServed_BehindABadStretch_IsFoundToo()
    {
        // The first is wrong, so that only serving many makes its share small.
        ThresholdCurve sut = Samples.Curve([(1, false), .. Enumerable.Range(0, 19).Select(i => (0.5 - (i * 0.01), true)), (0.1, false)]);

        Assert.Equal(20, sut.MostServed(0.05)!.Value.Served);
        Assert.Null(sut.MostServed(0.01));
    }

    [Fact]
    public void MostServed_AnySample_IsTheBestOfAllThresholds()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            ScoredLabel[] sample = Samples.Random(seed, 200);
            foreach (double target in new[] { 0, 0.02, 0.1, 0.3, 1 })
            {
                (int Served, int Wrong)[] allowed =
                [
                    .. sample.Select(label => label.Score).Distinct()
                        .Select(threshold => sample.Where(label => label.Score >= threshold).ToArray())
                        .Select(served => (served.Length, served.Count(label => !label.IsRight)))
                        .Where(point => point.Item2 <= target * point.Length),
                ];

                OperatingPoint? found = new ThresholdCurve(sample).MostServed(target);

                Assert.Equal(allowed.Length == 0 ? null : allowed.Max(point => point.Served), found?.Served);
                Assert.Equal(found, new ThresholdCurve(sample.Reverse()).MostServed(target));
            }
        }
    }

    [Fact]
    public void At_AnyThreshold_CountsWhatIsAtOrOverIt()
    {
        ScoredLabel[] sample = [.. Samples.Random(3, 300), new ScoredLabel(double.NaN, true)];
        var sut = new ThresholdCurve(sample);
        foreach (double threshold in new[] { -1, 0, 0.049, 0.05, 0.5, 0.975, 1, 1.01, double.PositiveInfinity })
        {
            OperatingPoint point = sut.At(threshold);

            Assert.Equal(sample.Count(label => label.Score >= threshold), point.Served);
            Assert.Equal(sample.Count(label => label.Score >= threshold && !label.IsRight), point.Wrong);
        }
    }

    [Fact]
    public void Points_WithoutScore_AreServedAtNoThreshold()
    {
        ThresholdCurve sut = Samples.Curve((double.NaN, true), (0.4, true), (double.NaN, false));

        Assert.Equal(3, sut.Count);
        Assert.Equal([new OperatingPoint(0.4, 1, 0)], sut.Points);
        Assert.Equal(1, sut.MostServed(1)!.Value.Served);
    }

    [Fact]
    public void Empty_HasNothing()
    {
        ThresholdCurve sut = Samples.Curve();

        Assert.Empty(sut.Points);
        Assert.Null(sut.MostServed(1));
        Assert.Equal(0, sut.At(0).Served);
    }
}
