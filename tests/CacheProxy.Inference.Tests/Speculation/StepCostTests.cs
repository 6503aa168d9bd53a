using CacheProxy.Inference.Speculation;

namespace CacheProxy.Inference.Tests.Speculation;

public sealed class StepCostTests
{
    [Fact]
    public void BreakEven_NothingSeen_IsAGuessThatGrowsWithTheBatch()
    {
        var cost = new StepCost();

        Assert.Equal(0.15, cost.BreakEven(1), 3);
        Assert.InRange(cost.BreakEven(8), 0.5, 0.7);
        Assert.InRange(cost.BreakEven(64), 0.9, 1);
    }

    [Theory]
    [InlineData(6.5, 1.5, 1, 0.1875)]
    [InlineData(6.5, 1.5, 8, 0.649)]
    [InlineData(10, 0, 1, 0)]
    [InlineData(0, 2, 4, 1)]
    public void BreakEven_StepsOfDifferentSizes_IsARowsShareOfTheStep(double fixedMilliseconds, double rowMilliseconds, int rows, double expected)
    {
        var cost = new StepCost();
        var random = new Random(1);
        for (int i = 0; i < 400; i++)
        {
            int size = 1 + random.Next(16);
            double noise = 0.9 + (0.2 * random.NextDouble());
            cost.Observe(size, TimeSpan.FromMilliseconds(noise * (fixedMilliseconds + (rowMilliseconds * size))));
        }

        Assert.InRange(cost.BreakEven(rows), expected - 0.08, expected + 0.08);
    }

    [Fact]
    public void BreakEven_OneSizeOnly_StaysNearTheGuess()
    {
        var cost = new StepCost();
        for (int i = 0; i < 100; i++)
        {
            cost.Observe(1, TimeSpan.FromMilliseconds(8));
        }

        Assert.Equal(0.15, cost.BreakEven(1), 2);
    }

    [Fact]
    public void Observe_InterruptedSteps_AreCutOff()
    {
        var cost = new StepCost();
        for (int i = 0; i < 300; i++)
        {
            int size = 1 + (i % 8);
            cost.Observe(size, TimeSpan.FromMilliseconds(i % 50 == 49 ? 5000 : 6 + (2 * size)));
        }

        Assert.InRange(cost.BreakEven(1), 0.05, 0.6);
    }

    [Fact]
    public void Observe_ClockThatStandsStill_IsIgnored()
    {
        var cost = new StepCost();
        cost.Observe(4, TimeSpan.Zero);

        Assert.Equal(0.15, cost.BreakEven(1), 3);
    }
}
