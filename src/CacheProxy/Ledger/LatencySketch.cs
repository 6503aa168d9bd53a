namespace CacheProxy.Ledger;

/// <summary>
/// How times are distributed, in buckets that grow by 10 % each: a quantile is told with at most 5 % error (as DDSketch, Masson et al. 2019), and two
/// sketches add up to the sketch of both. Holds only the buckets between its shortest and longest time. Not thread-safe.
/// </summary>
public sealed class LatencySketch
{
    private const double Growth = 1.1;

    // 1 us: the first bucket takes all that is shorter. The last one begins at 4.6 hours.
    private const double Shortest = 1e-6;
    internal const int Buckets = 248;

    private static readonly double LogGrowth = Math.Log(Growth);

    private long[] _counts = [];
    private int _first;

    public long Count { get; private set; }

    /// <summary>Index of the first bucket held, and the count of each from there.</summary>
    internal int First => _first;

    internal ReadOnlySpan<long> Counts => _counts;

    /// <param name="seconds">Negative or no number: not counted.</param>
    /// <param name="times">How often.</param>
    public void Record(double seconds, long times = 1)
    {
        if (seconds >= 0 && times > 0)
        {
            Add(BucketOf(seconds), times);
        }
    }

    public void Merge(LatencySketch other)
    {
        if (other.Count == 0)
        {
            return;
        }

        Reserve(other._first, other._first + other._counts.Length);
        for (int i = 0; i < other._counts.Length; i++)
        {
            _counts[other._first + i - _first] += other._counts[i];
        }

        Count += other.Count;
    }

    /// <summary>Seconds that the share of all times is not longer than; null: there are none.</summary>
    /// <param name="share">0..1: 0.95 for p95.</param>
    public double? Quantile(double share)
    {
        if (Count == 0)
        {
            return null;
        }

        long rank = Math.Clamp((long)Math.Ceiling(share * Count), 1, Count);
        int bucket = 0;
        for (long seen = _counts[0]; seen < rank; seen += _counts[bucket])
        {
            bucket++;
        }

        return SecondsOf(_first + bucket);
    }

    internal void Add(int bucket, long times)
    {
        Reserve(bucket, bucket + 1);
        _counts[bucket - _first] += times;
        Count += times;
    }

    /// <summary>The buckets from the first on, to add to; the caller says by <see cref="Counted"/> how much that was.</summary>
    internal Span<long> BucketsFrom(int first, int length)
    {
        Reserve(first, first + length);
        return _counts.AsSpan(first - _first, length);
    }

    internal void Counted(long times) => Count += times;

    private static int BucketOf(double seconds)
        => seconds <= Shortest ? 0 : (int)Math.Min(Buckets - 1, 1 + Math.Floor(Math.Log(seconds / Shortest) / LogGrowth));

    // The middle of the bucket by ratio.
    private static double SecondsOf(int bucket) => bucket == 0 ? Shortest : Shortest * Math.Pow(Growth, bucket - 0.5);

    /// <summary>Makes room for the buckets from the first to in front of the end.</summary>
    internal void Reserve(int first, int end)
    {
        if (_counts.Length > 0)
        {
            (first, end) = (Math.Min(_first, first), Math.Max(_first + _counts.Length, end));
        }

        if (end - first == _counts.Length)
        {
            return;
        }

        var wider = new long[end - first];
        _counts.CopyTo(wider, _counts.Length == 0 ? 0 : _first - first);
        (_counts, _first) = (wider, first);
    }
}
