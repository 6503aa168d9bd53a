namespace CacheProxy.Ledger;

/// <summary>The clients' requests that were answered in one way.</summary>
public sealed class OutcomeTotals
{
    public long Requests { get; internal set; }

    /// <summary>Of those with a status below 400: to the first byte.</summary>
    public LatencySketch FirstByte { get; } = new();

    /// <summary>Of those with a status below 400: to the last byte.</summary>
    public LatencySketch Total { get; } = new();

    internal void Merge(OutcomeTotals other)
    {
        Requests += other.Requests;
        FirstByte.Merge(other.FirstByte);
        Total.Merge(other.Total);
    }
}
