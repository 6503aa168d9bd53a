namespace CacheProxy.Benchmarks.Streams;

/// <summary>The three orders in which a stream's questions come.</summary>
internal enum StreamOrder
{
    /// <summary>Classes by Zipf's law, independently of each other.</summary>
    Shuffled,

    /// <summary>The same, but a class that was asked comes back soon: bursts.</summary>
    Bursts,

    /// <summary>Other classes, of another partition, are popular in the second half.</summary>
    Drift,
}
