namespace CacheProxy.Tuning.Statistics;

/// <summary>Exact one-sided bounds on a share (Clopper and Pearson 1934): never optimistic, whatever the size of the sample.</summary>
public static class BinomialTail
{
    // Halvings of 0..1: beyond double's precision.
    private const int Steps = 60;

    /// <summary>Probability of at most <paramref name="count"/> in <paramref name="trials"/> when each has the chance <paramref name="share"/>.</summary>
    public static double AtMost(int count, int trials, double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, trials);
        if (count == trials || share <= 0)
        {
            return 1;
        }

        if (share >= 1)
        {
            return 0;
        }

        // Terms by their logarithms, each from the one before it: the first alone may be far below the smallest double.
        double logTerm = trials * Math.Log(1 - share), odds = Math.Log(share) - Math.Log(1 - share), largest = double.NegativeInfinity, sum = 0;
        for (int i = 0; i <= count; i++)
        {
            if (i > 0)
            {
                logTerm += Math.Log(trials - i + 1) - Math.Log(i) + odds;
            }

            if (logTerm > largest)
            {
                sum = (sum * Math.Exp(largest - logTerm)) + 1;
                largest = logTerm;
            }
            else
            {
                sum += Math.Exp(logTerm - largest);
            }
        }

        return Math.Min(1, sum * Math.Exp(largest));
    }

    /// <summary>The share that is not exceeded with this confidence, after <paramref name="count"/> in <paramref name="trials"/>.</summary>
    /// <returns>1 when there were no trials.</returns>
    public static double UpperBound(int count, int trials, double confidence)
    {
        if (count >= trials)
        {
            return 1;
        }

        double low = (double)count / trials, high = 1;
        for (int i = 0; i < Steps; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = AtMost(count, trials, middle) > 1 - confidence ? (middle, high) : (low, middle);
        }

        return high;
    }
}
