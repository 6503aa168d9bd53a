namespace CacheProxy.SemanticCache.Truth;

/// <summary>
/// Where a share lies that was counted in a sample: the score interval of E. B. Wilson (1927), which keeps to 0..1 and holds its level for small
/// samples and for shares near 0, where an error rate lives.
/// </summary>
/// <param name="Lower">0..1.</param>
/// <param name="Upper">0..1.</param>
public readonly record struct WilsonInterval(double Lower, double Upper)
{
    /// <summary>Two-sided 95 %.</summary>
    public const double StandardScore95 = 1.959963984540054;

    /// <param name="successes">0..<paramref name="trials"/>.</param>
    /// <param name="trials">0: nothing is known, the interval is 0..1.</param>
    /// <param name="standardScore">Of the normal distribution, for the confidence that is wanted.</param>
    public static WilsonInterval Of(long successes, long trials, double standardScore = StandardScore95)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        if (trials == 0)
        {
            return new WilsonInterval(0, 1);
        }

        double share = (double)successes / trials, squared = standardScore * standardScore;
        double scale = 1 + (squared / trials);
        double centre = (share + (squared / (2 * trials))) / scale;
        double reach = standardScore / scale * Math.Sqrt((share * (1 - share) / trials) + (squared / (4.0 * trials * trials)));

        // The ends are exact at 0 and at all: rounding would leave a crumb.
        return new WilsonInterval(successes == 0 ? 0 : Math.Max(0, centre - reach), successes == trials ? 1 : Math.Min(1, centre + reach));
    }
}
