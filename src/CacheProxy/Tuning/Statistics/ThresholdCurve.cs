namespace CacheProxy.Tuning.Statistics;

/// <summary>
/// A labelled sample at every threshold that can be told from the next: one point for each distinct score, strictest first. Equal scores are served
/// together or not at all, so a threshold never divides them. Immutable.
/// </summary>
public sealed class ThresholdCurve
{
    private readonly OperatingPoint[] _points;

    public ThresholdCurve(IEnumerable<ScoredLabel> sample)
    {
        ScoredLabel[] sorted = [.. sample];
        Array.Sort(sorted, static (left, right) => right.Score.CompareTo(left.Score));
        Count = sorted.Length;
        Positives = sorted.Count(label => label.IsRight);
        var points = new List<OperatingPoint>();
        int wrong = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            wrong += sorted[i].IsRight ? 0 : 1;

            // A score that is no number sorts last and is never served.
            if (!double.IsNaN(sorted[i].Score) && (i + 1 == sorted.Length || !(sorted[i + 1].Score == sorted[i].Score)))
            {
                points.Add(new OperatingPoint(sorted[i].Score, i + 1, wrong));
            }
        }

        _points = [.. points];
    }

    /// <summary>Size of the sample.</summary>
    public int Count { get; }

    /// <summary>How many of it are right.</summary>
    public int Positives { get; }

    public IReadOnlyList<OperatingPoint> Points => _points;

    /// <summary>The point that serves most with at most this share of wrong among the served. Chosen on the sample itself: expect a little more error elsewhere.</summary>
    /// <returns>Null: no threshold holds it.</returns>
    public OperatingPoint? MostServed(double targetError)
    {
        for (int i = _points.Length - 1; i >= 0; i--)
        {
            if (_points[i].Wrong <= targetError * _points[i].Served)
            {
                return _points[i];
            }
        }

        return null;
    }

    /// <summary>What a given threshold does.</summary>
    public OperatingPoint At(double threshold)
    {
        int low = 0, high = _points.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_points[middle].Threshold >= threshold)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low == 0 ? new OperatingPoint(threshold, 0, 0) : _points[low - 1] with { Threshold = threshold };
    }
}
