using CacheProxy.Exchange;
using CacheProxy.Stores.Memory;

namespace CacheProxy.Benchmarks.Eviction;

/// <summary>One pass of a trace through the product's own memory store under a policy: what is not found is stored, as after a miss.</summary>
internal static class EvictionReplay
{
    /// <summary>The first tenth only fills the store.</summary>
    private const int WarmUpDivisor = 10;

    /// <summary>The policies to compare, by name; the first is the one that the others are measured against.</summary>
    public static IReadOnlyList<(string Name, Func<long, IEvictionPolicy> Create)> Policies { get; } =
    [
        ("LRU", _ => new LruPolicy()),
        ("LFU", _ => new OrderedPolicy(isGreedyDual: false)),
        ("FIFO", _ => new LruPolicy(readsCount: false)),
        ("S3-FIFO", limit => new S3FifoPolicy(limit)),
        ("GDSF", _ => new OrderedPolicy(isGreedyDual: true)),
        ("ours", limit => new CostAwarePolicy(limit)),
    ];

    /// <param name="CostSaved">Part of what all requests would cost, by <see cref="EntryValue"/>.</param>
    /// <param name="HitRate">Part of the requests.</param>
    public readonly record struct Result(double CostSaved, double HitRate);

    /// <exception cref="InvalidOperationException">The store broke its own bounds or gave another entry than was asked for.</exception>
    public static Result Run(CostTrace trace, long sizeLimitBytes, Func<long, IEvictionPolicy> create)
    {
        using var store = new MemoryEntryStore(sizeLimitBytes, TimeProvider.System, create(sizeLimitBytes));
        (double cost, double saved, int hits) = (0, 0, 0);
        int measuredFrom = trace.Requests.Count / WarmUpDivisor;
        for (int i = 0; i < trace.Requests.Count; i++)
        {
            CacheEntry entry = trace.Entries[trace.Requests[i]];
            bool isHit = store.TryGet(entry.Fingerprint, out CacheEntry? found);
            if (!isHit)
            {
                store.Set(entry);
            }

            if ((isHit && !ReferenceEquals(found, entry)) || store.SizeBytes > sizeLimitBytes)
            {
                throw new InvalidOperationException($"{trace.Name}, request {i}: the store holds {store.SizeBytes} of {sizeLimitBytes} bytes.");
            }

            if (i >= measuredFrom)
            {
                double value = EntryValue.Of(entry);
                cost += value;
                saved += isHit ? value : 0;
                hits += isHit ? 1 : 0;
            }
        }

        return new Result(saved / cost, (double)hits / (trace.Requests.Count - measuredFrom));
    }
}
