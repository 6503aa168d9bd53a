using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Tests.Tuning.Statistics;

public sealed class RankingAreasTests
{
    [Fact]
    public void Roc_KnownRankings_GivesTheKnownArea()
    {
        Assert.Equal(1, RankingAreas.Roc(Samples.Curve((0.9, true), (0.8, true), (0.1, false))));
        Assert.Equal(0, RankingAreas.Roc(Samples.Curve((0.9, false), (0.1, true))));
        Assert.Equal(0.5, RankingAreas.Roc(Samples.Curve((0.5, false), (0.5, true), (0.5, true))));
        Assert.Equal(0.75, RankingAreas.Roc(Samples.Curve((0.1, false), (0.4, false), (0.35, true), (0.8, true))));
    }

    [Fact]
    public void AveragePrecision_KnownRankings_GivesTheKnownArea()
    {
        Assert.Equal(1, RankingAreas.AveragePrecision(Samples.Curve((0.9, true), (0.8, true), (0.1, false))));
        Assert.Equal(0.8333, RankingAreas.AveragePrecision(Samples.Curve((0.1, false), (0.4, false), (0.35, true), (0.8, true))), 4);
        Assert.Equal(2 / 3.0, RankingAreas.AveragePrecision(Samples.Curve((0.5, false), (0.5, true), (0.5, true))), 12);
    }

    [Fact]
    public void Roc_AnySample_IsTheShareOfPairsInOrder()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            ScoredLabel[] sample = [.. Samples.Random(seed, 120), new ScoredLabel(double.NaN, true), new ScoredLabel(double.NaN, false)];
            ScoredLabel[] right = [.. sample.Where(label => label.IsRight)], wrong = [.. sample.Where(label => !label.IsRight)];
            double expected = right.Average(r => wrong.Average(w => r.Score.CompareTo(w.Score) switch { > 0 => 1, 0 => 0.5, _ => 0.0 }));

            Assert.Equal(expected, RankingAreas.Roc(new ThresholdCurve(sample)), 12);
        }
    }

    [Fact]
    public void Areas_OfStretchedOrShuffledScores_AreTheSame()
    {
        ScoredLabel[] sample = Samples.Random(5, 400);
        var plain = new ThresholdCurve(sample);
        var changed = new ThresholdCurve(sample.Reverse().Select(label => label with { Score = Math.Exp(3 * label.Score) - 7 }));

        Assert.Equal(RankingAreas.Roc(plain), RankingAreas.Roc(changed), 12);
        Assert.Equal(RankingAreas.AveragePrecision(plain), RankingAreas.AveragePrecision(changed), 12);
    }

    [Fact]
    public void Areas_OfOneKindOnly_AreNoNumber()
    {
        Assert.Equal(double.NaN, RankingAreas.Roc(Samples.Curve((0.9, true))));
        Assert.Equal(double.NaN, RankingAreas.Roc(Samples.Curve((0.9, false))));
        Assert.Equal(double.NaN, RankingAreas.AveragePrecision(Samples.Curve((0.9, false))));
        Assert.Equal(double.NaN, RankingAreas.AveragePrecision(Samples.Curve()));
    }
}
