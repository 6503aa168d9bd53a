using CacheProxy.SemanticCache.Truth;

namespace CacheProxy.Tests.SemanticCache.Truth;

public sealed class WilsonIntervalTests
{
    // 0 of 20 and 10 of 100 are the usual textbook examples.
    [Theory]
    [InlineData(0, 20, 0.0, 0.1611252)]
    [InlineData(20, 20, 0.8388748, 1.0)]
    [InlineData(10, 100, 0.055229, 0.174366)]
    [InlineData(1, 10, 0.017876, 0.404150)]
    [InlineData(15, 148, 0.062386, 0.160487)]
    public void Of_KnownCounts_GivesTheKnownInterval(int successes, int trials, double lower, double upper)
    {
        WilsonInterval interval = WilsonInterval.Of(successes, trials);

        Assert.Equal(lower, interval.Lower, 5);
        Assert.Equal(upper, interval.Upper, 5);
    }

    [Fact]
    public void Of_NoTrials_KnowsNothing() => Assert.Equal(new WilsonInterval(0, 1), WilsonInterval.Of(0, 0));

    [Fact]
    public void Of_AnyCounts_HoldsTheShareAndNarrowsWithMoreOfThem()
    {
        for (int trials = 1; trials <= 60; trials++)
        {
            for (int successes = 0; successes <= trials; successes++)
            {
                WilsonInterval interval = WilsonInterval.Of(successes, trials), wider = WilsonInterval.Of(successes, trials, 3);
                WilsonInterval mirrored = WilsonInterval.Of(trials - successes, trials), tenfold = WilsonInterval.Of(10 * successes, 10 * trials);
                double share = (double)successes / trials;

                Assert.InRange(share, interval.Lower, interval.Upper);
                Assert.True(interval.Lower >= 0 && interval.Upper <= 1);
                Assert.Equal(1 - interval.Upper, mirrored.Lower, 12);
                Assert.True(wider.Lower <= interval.Lower && wider.Upper >= interval.Upper);
                Assert.True(tenfold.Upper - tenfold.Lower < interval.Upper - interval.Lower);
            }
        }
    }

    [Fact]
    public void Of_ManySamples_CoversTheTruthAboutAsOftenAsItSays()
    {
        var random = new Random(7);
        int covered = 0;
        for (int run = 0; run < 2000; run++)
        {
            int wrong = Enumerable.Range(0, 400).Count(_ => random.NextDouble() < 0.03);
            WilsonInterval interval = WilsonInterval.Of(wrong, 400);
            covered += interval.Lower <= 0.03 && 0.03 <= interval.Upper ? 1 : 0;
        }

        Assert.InRange(covered, 1860, 1960);
    }

    [Theory]
    [InlineData(-1, 5)]
    [InlineData(6, 5)]
    public void Of_ImpossibleCounts_Throws(int successes, int trials)
        => Assert.Throws<ArgumentOutOfRangeException>(() => WilsonInterval.Of(successes, trials));
}
