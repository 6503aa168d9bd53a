namespace CacheProxy.Benchmarks.Streams;

/// <summary>What one run did, first and second half apart.</summary>
internal sealed class StreamResult
{
    public StreamCounts Cold { get; } = new();

    public StreamCounts Warm { get; } = new();

    public StreamCounts All => new()
    {
        Requests = Cold.Requests + Warm.Requests,
        New = Cold.New + Warm.New,
        Missed = Cold.Missed + Warm.Missed,
        Served = Cold.Served + Warm.Served,
        Wrong = Cold.Wrong + Warm.Wrong,
        Audited = Cold.Audited + Warm.Audited,
    };
}
