using CacheProxy.Exchange;

namespace CacheProxy.ExactCache;

/// <summary>A place that keeps entries by fingerprint. Faults and time-outs surface as exceptions; the caller turns them into misses.</summary>
public interface IEntryStore
{
    /// <summary>Short name for logs and metrics: <c>memory</c>, <c>sqlite</c>, <c>redis</c>.</summary>
    string Name { get; }

    /// <summary>The entry, fresh or stale; null when absent, past its use, damaged, or of an unknown layout version.</summary>
    ValueTask<CacheEntry?> GetAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken);

    /// <summary>Stores or replaces the entry of <see cref="CacheEntry.Fingerprint"/>.</summary>
    ValueTask SetAsync(CacheEntry entry, CancellationToken cancellationToken);

    /// <summary>True when an entry was there.</summary>
    ValueTask<bool> RemoveAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken);
}
