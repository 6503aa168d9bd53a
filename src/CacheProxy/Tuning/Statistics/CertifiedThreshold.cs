namespace CacheProxy.Tuning.Statistics;

/// <param name="Point">The threshold, and what it does to the sample.</param>
/// <param name="UpperBound">Share of wrong among the served that is not exceeded, with the confidence that was asked for.</param>
public readonly record struct CertifiedThreshold(OperatingPoint Point, double UpperBound)
{
    // Where the search begins, in multiples of the fewest that could show anything: a wrong label at the very top ends one search, not all.
    private static readonly int[] Starts = [1, 2, 4, 8, 16, 32];

    private const double Growth = 1.1;

    /// <summary>
    /// The lowest threshold whose error is at most the target with the given confidence, although many are looked at. The thresholds are tested in an
    /// order that the scores alone fix, strictest first, and the search ends at the first that fails: each start risks its share of 1 - confidence
    /// once, however far it goes (fixed-sequence testing; Angelopoulos et al., Learn then Test, 2021). Holds for pairs drawn independently.
    /// </summary>
    /// <returns>Null: the sample shows it for none.</returns>
    public static CertifiedThreshold? Find(ThresholdCurve curve, double targetError, double confidence)
    {
        double risk = (1 - confidence) / Starts.Length;
        int fewest = FewestServed(targetError, risk);
        OperatingPoint? best = null;
        foreach (int start in Starts)
        {
            OperatingPoint? found = Search(curve, (long)fewest * start, targetError, risk);
            best = found is { } point && point.Served > (best?.Served ?? 0) ? point : best;
        }

        return best is { } chosen ? new CertifiedThreshold(chosen, BinomialTail.UpperBound(chosen.Wrong, chosen.Served, 1 - risk)) : null;
    }

    /// <summary>Served pairs, all right, that it takes at least to show the target with the confidence.</summary>
    public static int FewestNeeded(double targetError, double confidence) => FewestServed(targetError, (1 - confidence) / Starts.Length);

    private static int FewestServed(double targetError, double risk) => (int)Math.Ceiling(Math.Log(risk) / Math.Log(1 - targetError));

    private static OperatingPoint? Search(ThresholdCurve curve, double served, double targetError, double risk)
    {
        OperatingPoint? last = null;
        foreach (OperatingPoint point in curve.Points)
        {
            if (point.Served < served)
            {
                continue;
            }

            if (BinomialTail.AtMost(point.Wrong, point.Served, targetError) > risk)
            {
                return last;
            }

            last = point;
            served = point.Served * Growth;
        }

        return last;
    }
}
