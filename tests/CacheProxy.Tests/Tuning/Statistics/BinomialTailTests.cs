using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Tests.Tuning.Statistics;

public sealed class BinomialTailTests
{
    [Theory]
    [InlineData(0, 10, 0.1, 0.348678)]
    [InlineData(2, 10, 0.5, 0.054688)]
    [InlineData(5, 10, 0.5, 0.623047)]
    [InlineData(10, 10, 0.3, 1)]
    [InlineData(0, 10, 0, 1)]
    [InlineData(3, 10, 1, 0)]
    public void AtMost_KnownCases_GivesTheKnownProbability(int count, int trials, double share, double expected)
        => Assert.Equal(expected, BinomialTail.AtMost(count, trials, share), 6);

    [Fact]
    public void AtMost_ManyTrials_NeitherVanishesNorOverflows()
    {
        // Half of a large sample lies at or below its mean, give or take the middle one.
        Assert.InRange(BinomialTail.AtMost(5000, 100_000, 0.05), 0.49, 0.51);
        Assert.InRange(BinomialTail.AtMost(50_000, 100_000, 0.5), 0.49, 0.51);
        Assert.InRange(BinomialTail.AtMost(90_000, 100_000, 0.5), 0.999999, 1);
    }

    // Rule of three, exact: 1 - 0.05^(1/n).
    [Theory]
    [InlineData(0, 100, 0.029513)]
    [InlineData(0, 298, 0.010002)]
    [InlineData(1, 100, 0.046560)]
    [InlineData(10, 100, 0.163718)]
    public void UpperBound_KnownCases_GivesTheKnownBound(int count, int trials, double expected)
        => Assert.Equal(expected, BinomialTail.UpperBound(count, trials, 0.95), 4);

    [Fact]
    public void UpperBound_NoTrials_IsOne() => Assert.Equal(1, BinomialTail.UpperBound(0, 0, 0.95));
}
