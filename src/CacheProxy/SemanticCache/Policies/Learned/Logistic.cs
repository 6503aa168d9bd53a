namespace CacheProxy.SemanticCache.Policies.Learned;

/// <summary>Probabilities and their logits.</summary>
internal static class Logistic
{
    /// <summary>The logistic of x is about the normal distribution function of x times this one's root (MacKay 1992).</summary>
    public const double ProbitScale = Math.PI / 8;

    // A score of exactly 0 or 1 is a rounded one: nothing is surer than this.
    private const double Surest = 1e-5;

    public static double Probability(double logit) => 1 / (1 + Math.Exp(-logit));

    /// <summary>NaN stays NaN.</summary>
    public static double Logit(double probability)
    {
        double bounded = Math.Clamp(probability, Surest, 1 - Surest);
        return Math.Log(bounded / (1 - bounded));
    }
}
