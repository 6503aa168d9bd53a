namespace CacheProxy.Benchmarks;

internal static class Statistics
{
    /// <summary>Middle value; the mean of the two middle ones for an even count.</summary>
    public static double Median(IEnumerable<double> values) => Percentile(values, 0.5);

    /// <summary>Linear interpolation between closest ranks.</summary>
    /// <param name="values">At least one.</param>
    /// <param name="fraction">0..1.</param>
    public static double Percentile(IEnumerable<double> values, double fraction)
    {
        double[] sorted = [.. values.Order()];
        double rank = fraction * (sorted.Length - 1);
        int low = (int)rank;
        int high = Math.Min(low + 1, sorted.Length - 1);
        return sorted[low] + ((rank - low) * (sorted[high] - sorted[low]));
    }
}
