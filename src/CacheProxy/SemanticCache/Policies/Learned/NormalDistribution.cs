namespace CacheProxy.SemanticCache.Policies.Learned;

/// <summary>The standard normal distribution.</summary>
internal static class NormalDistribution
{
    // Below this the tail's own approximation of the quantile counts.
    private const double Tail = 0.02425;

    // Beyond it the ratio of density and tail is the distance itself, to less than a thousandth.
    private const double Far = -30;

    private static readonly double[] Fit =
        [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277];

    private static readonly double RootOfTwoPi = Math.Sqrt(2 * Math.PI);

    /// <summary>The quantile: the rational approximation of P. J. Acklam, relative error below 1.15e-9.</summary>
    /// <param name="probability">In (0, 1).</param>
    public static double Quantile(double probability) => probability switch
    {
        < Tail => TailQuantile(probability),
        > 1 - Tail => -TailQuantile(1 - probability),
        _ => CentreQuantile(probability - 0.5),
    };

    /// <summary>Density over distribution function at <paramref name="x"/> (the inverse Mills ratio of -x).</summary>
    public static double Hazard(double x) => x < Far ? -x : Math.Exp(-x * x / 2) / RootOfTwoPi / Cumulative(x);

    /// <summary>The distribution function, to a relative error of 1.2e-7 in both tails (W. J. Cody's form as fitted in Numerical Recipes, erfcc).</summary>
    public static double Cumulative(double x)
    {
        double z = Math.Abs(x) / Math.Sqrt(2);
        double t = 1 / (1 + (0.5 * z));
        double sum = 0;
        for (int i = Fit.Length - 1; i >= 0; i--)
        {
            sum = Fit[i] + (t * sum);
        }

        double tail = 0.5 * t * Math.Exp((-z * z) + sum);
        return x < 0 ? tail : 1 - tail;
    }

    private static double TailQuantile(double probability)
    {
        double q = Math.Sqrt(-2 * Math.Log(probability));
        return (((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838) * q - 2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783)
            / ((((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1);
    }

    private static double CentreQuantile(double q)
    {
        double r = q * q;
        return (((((-3.969683028665376e+01 * r + 2.209460984245205e+02) * r - 2.759285104469687e+02) * r + 1.383577518672690e+02) * r - 3.066479806614716e+01) * r + 2.506628277459239) * q
            / (((((-5.447609879822406e+01 * r + 1.615858368580409e+02) * r - 1.556989798598866e+02) * r + 6.680131188771972e+01) * r - 1.328068155288572e+01) * r + 1);
    }
}
