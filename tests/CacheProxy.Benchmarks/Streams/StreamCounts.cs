namespace CacheProxy.Benchmarks.Streams;

/// <summary>Counts of a part of a stream.</summary>
internal sealed class StreamCounts
{
    /// <summary>Exact repeats included.</summary>
    public int Requests { get; set; }

    /// <summary>Asked in these words for the first time: what a cache of exact requests sends upstream.</summary>
    public int New { get; set; }

    /// <summary>Sent upstream while the client waited.</summary>
    public int Missed { get; set; }

    /// <summary>Semantic hits.</summary>
    public int Served { get; set; }

    public int Wrong { get; set; }

    /// <summary>Sent upstream behind the client's back.</summary>
    public int Audited { get; set; }

    /// <summary>Hits beyond those of a cache of exact requests, of all requests.</summary>
    public double Hits => (double)(New - Missed) / Math.Max(1, Requests);

    /// <summary>Wrong answers over all requests.</summary>
    public double Error => (double)Wrong / Math.Max(1, Requests);

    public double WrongOfServed => (double)Wrong / Math.Max(1, Served);
}
