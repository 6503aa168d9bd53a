using CacheProxy.Inference.Sampling;

namespace CacheProxy.Inference.Tests.Sampling;

public sealed class CounterRandomTests
{
    [Fact]
    public void Uniform_ManyIndicesAndSeeds_IsEvenAndUncorrelated()
    {
        var cells = new int[16, 16];
        for (int seed = 0; seed < 256; seed++)
        {
            for (int index = 0; index < 256; index++)
            {
                double here = CounterRandom.Uniform(seed, index);
                Assert.InRange(here, 0, 1 - 1e-17);
                cells[(int)(here * 16), (int)(CounterRandom.Uniform(seed, index + 1) * 16)]++;
            }
        }

        // 256 expected in each cell, deviation 16.
        foreach (int count in cells)
        {
            Assert.InRange(count, 256 - 80, 256 + 80);
        }
    }

    [Fact]
    public void Uniform_NeighbouringSeeds_GiveOtherNumbersAtTheSameIndex()
    {
        double[] first = [.. Enumerable.Range(0, 4096).Select(seed => CounterRandom.Uniform(seed, 0))];

        Assert.Equal(4096, first.Distinct().Count());
        Assert.InRange(first.Average(), 0.48, 0.52);
    }

    [Fact]
    public void Uniform_SameInput_IsTheSame() => Assert.Equal(CounterRandom.Uniform(long.MinValue, 12), CounterRandom.Uniform(long.MinValue, 12));
}
