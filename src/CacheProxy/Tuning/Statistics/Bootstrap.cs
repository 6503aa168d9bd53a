namespace CacheProxy.Tuning.Statistics;

/// <summary>Intervals for figures that have no formula: whole groups are drawn again, with repetition, so that pairs which share a question stay together.</summary>
public static class Bootstrap
{
    /// <param name="groups">The sample, one list for each group.</param>
    /// <param name="statistic">Of a drawn sample; draws for which it is no number are left out.</param>
    /// <param name="draws">Samples drawn.</param>
    /// <param name="confidence">Two-sided.</param>
    /// <returns>The percentile interval.</returns>
    public static (double Lower, double Upper) Interval<T>(
        IReadOnlyList<IReadOnlyList<T>> groups, Func<IReadOnlyList<T>, double> statistic, Random random, int draws = 200, double confidence = 0.95)
    {
        var values = new List<double>(draws);
        var sample = new List<T>();
        for (int draw = 0; draw < draws; draw++)
        {
            sample.Clear();
            for (int i = 0; i < groups.Count; i++)
            {
                sample.AddRange(groups[random.Next(groups.Count)]);
            }

            double value = statistic(sample);
            if (!double.IsNaN(value))
            {
                values.Add(value);
            }
        }

        values.Sort();
        return values.Count == 0 ? (double.NaN, double.NaN) : (Quantile(values, (1 - confidence) / 2), Quantile(values, (1 + confidence) / 2));
    }

    private static double Quantile(List<double> sorted, double share)
    {
        double rank = share * (sorted.Count - 1);
        int low = (int)rank;
        return sorted[low] + ((rank - low) * (sorted[Math.Min(low + 1, sorted.Count - 1)] - sorted[low]));
    }
}
