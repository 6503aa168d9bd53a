namespace CacheProxy.SemanticCache.Policies.Learned;

/// <summary>What is believed of the logit of "the answer is right": a normal distribution.</summary>
/// <param name="Mean">Of the logit.</param>
/// <param name="Known">Variance from what the pooled levels do not know yet.</param>
/// <param name="Spread">Variance among entries and partitions: not ignorance of the whole, but how much one may differ from the others.</param>
internal readonly record struct Belief(double Mean, double Known, double Spread)
{
    /// <summary>
    /// The probability of being right that can be relied on: for every risk the logit's lower bound at it, over which the entries' spread is
    /// averaged, times the probability that the bound holds; the best of all risks. The risks are spaced by ratio: an even grid's smallest
    /// but one is so large that a small error bound could never be met.
    /// </summary>
    public double Reliable()
    {
        double best = 0;
        double deviation = Math.Sqrt(Known);
        double shrink = 1 / Math.Sqrt(1 + (Logistic.ProbitScale * Spread));
        foreach ((double risk, double quantile) in Risks)
        {
            best = Math.Max(best, (1 - risk) * Logistic.Probability((Mean - (quantile * deviation)) * shrink));
        }

        return best;
    }

    /// <summary>The probability of being right, ignorance averaged.</summary>
    public double Expected() => Logistic.Probability(Mean / Math.Sqrt(1 + (Logistic.ProbitScale * (Known + Spread))));

    // 32 risks from 0.5 down to 1e-6.
    private static readonly (double Risk, double Quantile)[] Risks = [.. Enumerable.Range(0, 32).Select(i =>
    {
        double risk = 0.5 * Math.Pow(2e-6, i / 31.0);
        return (risk, -NormalDistribution.Quantile(risk));
    })];
}
