namespace CacheProxy.Tuning.Statistics;

/// <summary>How well a score ranks, whatever the threshold.</summary>
public static class RankingAreas
{
    /// <summary>
    /// Area under the ROC curve: the chance that a right pair scores higher than a wrong one, a tie counting half (Mann and Whitney).
    /// </summary>
    /// <returns>NaN when one of the two kinds is absent.</returns>
    public static double Roc(ThresholdCurve curve)
    {
        double positives = curve.Positives, negatives = curve.Count - curve.Positives, area = 0;
        if (positives == 0 || negatives == 0)
        {
            return double.NaN;
        }

        // Trapezoids between the points; the last stretch is what has no score.
        double right = 0, wrong = 0;
        foreach (OperatingPoint point in curve.Points.Append(new OperatingPoint(double.NaN, curve.Count, (int)negatives)))
        {
            double nextRight = point.Served - point.Wrong;
            area += (point.Wrong - wrong) * (right + nextRight) / 2;
            (right, wrong) = (nextRight, point.Wrong);
        }

        return area / (positives * negatives);
    }

    /// <summary>
    /// Average precision, the area under the precision-recall curve as a sum of steps: precision at each threshold times the recall that it adds.
    /// Ties count as one threshold; the unscored come last, in one.
    /// </summary>
    /// <returns>NaN when nothing is right.</returns>
    public static double AveragePrecision(ThresholdCurve curve)
    {
        if (curve.Positives == 0)
        {
            return double.NaN;
        }

        double sum = 0;
        int right = 0;
        foreach (OperatingPoint point in curve.Points.Append(new OperatingPoint(double.NaN, curve.Count, curve.Count - curve.Positives)))
        {
            int next = point.Served - point.Wrong;
            sum += (double)(next - right) * next / point.Served;
            right = next;
        }

        return sum / curve.Positives;
    }
}
