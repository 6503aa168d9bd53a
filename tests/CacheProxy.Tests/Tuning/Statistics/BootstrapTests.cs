using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Tests.Tuning.Statistics;

public sealed class BootstrapTests
{
    [Fact]
    public void Interval_OfAMean_IsAsWideAsTheFormulaSays()
    {
        var random = new Random(4);
        IReadOnlyList<double>[] groups = [.. Enumerable.Range(0, 400).Select(IReadOnlyList<double> (_) => [random.NextDouble()])];

        (double lower, double upper) = Bootstrap.Interval(groups, sample => sample.Average(), new Random(5), draws: 1000);

        // Two standard errors either side: 2 * 1.96 * sqrt(1/12) / 20.
        Assert.InRange(upper - lower, 0.045, 0.068);
        Assert.InRange(groups.Average(group => group[0]), lower, upper);
    }

    [Fact]
    public void Interval_OfGroupsThatRepeatThemselves_IsWiderThanOfTheirMembers()
    {
        var random = new Random(6);
        double[] values = [.. Enumerable.Range(0, 50).Select(_ => random.NextDouble())];
        IReadOnlyList<double>[] together = [.. values.Select(IReadOnlyList<double> (value) => [.. Enumerable.Repeat(value, 8)])];
        IReadOnlyList<double>[] apart = [.. together.SelectMany(group => group).Select(IReadOnlyList<double> (value) => [value])];

        (double lower, double upper) = Bootstrap.Interval(together, sample => sample.Average(), new Random(7));
        (double lowerApart, double upperApart) = Bootstrap.Interval(apart, sample => sample.Average(), new Random(7));

        Assert.True(upper - lower > 1.8 * (upperApart - lowerApart));
    }

    [Fact]
    public void Interval_WithoutANumber_IsNone()
        => Assert.Equal((double.NaN, double.NaN), Bootstrap.Interval<int>([[1]], _ => double.NaN, new Random(1)));
}
