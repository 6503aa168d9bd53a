namespace CacheProxy.Stores.Resilience;

/// <summary>How long the last thousand calls took. A write is one atomic step and one store; a reader may meet a time that is a call older than its neighbours.</summary>
internal sealed class RecentTimes
{
    private const int Kept = 1024;

    // Microseconds + 1; 0: nothing yet.
    private readonly int[] _times = new int[Kept];
    private int _next;

    public void Add(TimeSpan took)
        => _times[(Interlocked.Increment(ref _next) - 1) & (Kept - 1)] = 1 + (int)Math.Clamp(took.TotalMicroseconds, 0, int.MaxValue - 1);

    /// <summary>Seconds that the shares of them did not exceed, in the order of the shares; null: there was none.</summary>
    /// <param name="shares">0..1 each: 0.99 for p99.</param>
    public double[]? Quantiles(params ReadOnlySpan<double> shares)
    {
        int[] sorted = [.. _times.Where(time => time > 0).Order()];
        if (sorted.Length == 0)
        {
            return null;
        }

        double[] seconds = new double[shares.Length];
        for (int i = 0; i < seconds.Length; i++)
        {
            seconds[i] = (sorted[Math.Clamp((int)Math.Ceiling(shares[i] * sorted.Length) - 1, 0, sorted.Length - 1)] - 1) / 1e6;
        }

        return seconds;
    }
}
