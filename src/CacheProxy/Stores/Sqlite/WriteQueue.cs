using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using CacheProxy.Exchange;
using CacheProxy.Storage;

namespace CacheProxy.Stores.Sqlite;

/// <summary>
/// What waits for the writer, bounded in number and bytes. A full queue drops and counts: an entry that is not stored costs
/// one upstream call, a request that waits for a disk costs its user. Entries in the queue can be read back.
/// </summary>
internal sealed class WriteQueue(WriteBehind<EntryWriter> writer, long sizeLimitBytes, TimeProvider time)
{
    private readonly ConcurrentDictionary<Fingerprint256, CacheEntry> _waiting = new();
    private long _sizeBytes;
    private long _dropped;

    /// <summary>Unix milliseconds.</summary>
    public long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Entries that were not stored: queue full, file not usable, or too large.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public bool TryGetWaiting(Fingerprint256 fingerprint, [NotNullWhen(true)] out CacheEntry? entry)
        => _waiting.TryGetValue(fingerprint, out entry);

    public void Add(CacheEntry entry, int sizeBytes)
    {
        if (Interlocked.Add(ref _sizeBytes, sizeBytes) > sizeLimitBytes)
        {
            Interlocked.Add(ref _sizeBytes, -sizeBytes);
            CountDropped();
            return;
        }

        // Before the operation is in the queue, else the writer could take it out before it is in here.
        _waiting[entry.Fingerprint] = entry;
        writer.Add(new WriteOperation.Set(this, entry, sizeBytes));
    }

    /// <summary>Removes what waits too: it can no longer be read back.</summary>
    public Task<bool> RemoveAsync(Fingerprint256 fingerprint)
    {
        _waiting.TryRemove(fingerprint, out _);
        return Ask(new WriteOperation.Remove(fingerprint));
    }

    /// <summary>As above, of all that match.</summary>
    public Task<long> RemoveAsync(EntrySelector selector, Action<Fingerprint256>? removed)
    {
        foreach (KeyValuePair<Fingerprint256, CacheEntry> waiting in _waiting.Where(waiting => selector.Matches(waiting.Value)))
        {
            _waiting.TryRemove(waiting);
        }

        return Ask(new WriteOperation.RemoveMatching(selector, removed));
    }

    public Task<bool> RetagAsync(CacheEntry entry, IReadOnlyList<string> tags) => Ask(new WriteOperation.Retag(this, entry, tags));

    /// <summary>The entry is written, or given up: it no longer takes room nor is read from here.</summary>
    public void Leave(WriteOperation.Set operation, bool isStored)
    {
        // Only this entry: a newer one of the same fingerprint may wait behind it.
        _waiting.TryRemove(KeyValuePair.Create(operation.Entry.Fingerprint, operation.Entry));
        Interlocked.Add(ref _sizeBytes, -operation.SizeBytes);
        if (!isStored)
        {
            CountDropped();
        }
    }

    public void CountDropped() => Interlocked.Increment(ref _dropped);

    private Task<T> Ask<T>(WriteOperation.Awaited<T> operation)
    {
        writer.Add(operation);
        return operation.Done;
    }
}
