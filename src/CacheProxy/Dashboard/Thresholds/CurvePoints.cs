using CacheProxy.Dashboard.Api;
using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Dashboard.Thresholds;

/// <summary>A curve with as many points as a chart can show.</summary>
internal static class CurvePoints
{
    public const int Most = 200;

    /// <summary>Strictest first: both ends, the point in force, and between them about as many candidates from each to the next.</summary>
    public static IReadOnlyList<ThresholdPoint> Of(ThresholdCurve curve, OperatingPoint now)
    {
        if (curve.Points.Count == 0)
        {
            return [];
        }

        var chosen = new SortedDictionary<double, OperatingPoint>(Comparer<double>.Create(static (left, right) => right.CompareTo(left))) { [now.Threshold] = now };
        double gap = (double)curve.Points[^1].Served / (Most - 2), next = 0;
        foreach (OperatingPoint point in curve.Points)
        {
            if (point.Served >= next)
            {
                chosen[point.Threshold] = point;
                next = point.Served + gap;
            }
        }

        chosen[curve.Points[^1].Threshold] = curve.Points[^1];
        return [.. chosen.Values.Select(point => ThresholdPoint.From(point, curve.Count))];
    }
}
