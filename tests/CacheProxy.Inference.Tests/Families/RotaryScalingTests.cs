using CacheProxy.Inference.Families;

namespace CacheProxy.Inference.Tests.Families;

/// <summary>Against values worked out by hand from the papers' formulas.</summary>
public sealed class RotaryScalingTests
{
    [Fact]
    public void Plain_FourPairs_AreThePowersOfTheBase() => AssertClose([1, 0.1, 0.01, 0.001], RotaryScaling.Plain(10000, 8));

    [Fact]
    public void Llama3_ThreeRegimes_KeepsBlendsAndDivides()
    {
        // Turns in 64 tokens: 64 f / 2 pi. 1 -> 10.2 (kept), 0.2 -> 2.0372 (between 1 and 4), 0.01 -> 0.102 (divided).
        double kept = ((64 * 0.2 / (2 * Math.PI)) - 1) / 3;
        AssertClose([1, 0.2 * (((1 - kept) / 8) + kept), 0.01 / 8], RotaryScaling.Llama3([1, 0.2, 0.01], 8, 1, 4, 64));
        Assert.Equal(0.345728, kept, 6);
    }

    /// <summary>
    /// Pair of 32 turns: 8 ln(4096 / (64 pi)) / (2 ln 10000) = 1.3090, of one turn: 2.8142; so the ramp goes from pair 1 to pair 3 when truncated.
    /// </summary>
    [Fact]
    public void Yarn_EightFloats_RampsFromWholePairToWholePair() =>
        AssertClose([1, 0.1, 0.01 * ((0.5 / 4) + 0.5), 0.001 / 4], RotaryScaling.Yarn(10000, 8, 4, 4096, 32, 1, truncate: true));

    [Fact]
    public void Yarn_NotTruncated_RampsBetweenTheExactPairs()
    {
        double first = 8 * Math.Log(4096 / (32 * 2 * Math.PI)) / (2 * Math.Log(10000)), last = 8 * Math.Log(4096 / (2 * Math.PI)) / (2 * Math.Log(10000));
        Assert.Equal((1.3090, 2.8142), (Math.Round(first, 4), Math.Round(last, 4)));
        double divided = (2 - first) / (last - first);
        AssertClose([1, 0.1, 0.01 * ((divided / 4) + 1 - divided), 0.001 / 4], RotaryScaling.Yarn(10000, 8, 4, 4096, 32, 1, truncate: false));
    }

    [Fact]
    public void Yarn_TinyContext_DividesAllBehindTheFirst() =>
        AssertClose([1, 0.1 / 4, 0.01 / 4, 0.001 / 4], RotaryScaling.Yarn(10000, 8, 4, 8, 32, 1, truncate: true));

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(0.5, 1, 1)]
    [InlineData(4, 1, 1.138629436)]
    [InlineData(40, 0.707, 1.260803777)]
    public void YarnMagnitude_Factor_GrowsWithItsLogarithm(double factor, double scale, double expected) =>
        Assert.Equal(expected, RotaryScaling.YarnMagnitude(factor, scale), 8);

    [Theory]
    [InlineData(1, 4096, 1)]
    [InlineData(8, 128, 1.195228609)]
    [InlineData(32, 4096, 1.190238071)]
    public void LongMagnitude_Factor_IsTheRootOfOnePlusLogarithms(double factor, double original, double expected) =>
        Assert.Equal(expected, RotaryScaling.LongMagnitude(factor, original), 8);

    private static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach ((double e, double a) in expected.Zip(actual))
        {
            Assert.Equal(1, a / e, 1e-12);
        }
    }
}
