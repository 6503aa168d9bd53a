using CacheProxy.Exchange;

namespace CacheProxy.ExactCache;

/// <summary>A place that keeps entries by fingerprint. Faults and time-outs surface as exceptions; the caller turns them into misses.</summary>
public interface IEntryStore
{
    /// <summary>Short name for logs and metrics: <c>memory</c>, <c>sqlite</c>, <c>redis</c>.</summary>
    string Name { get; }

    /// <summary>True: it is known here, without asking whatever keeps the entries, that this one is absent.</summary>
    bool LacksForSure(Fingerprint256 fingerprint) => false;

    /// <summary>The entry, fresh or stale; null when absent, past its use, damaged, or of an unknown layout version.</summary>
    ValueTask<CacheEntry?> GetAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken);

    /// <summary>
    /// Looks for many at once and puts what it finds at the same place of <paramref name="entries"/>, one after the other: what was found
    /// before a fault or the end of the budget stays found. Places of what is absent are left as they are.
    /// </summary>
    async ValueTask GetManyAsync(ReadOnlyMemory<Fingerprint256> fingerprints, Memory<CacheEntry?> entries, CancellationToken cancellationToken)
    {
        for (int i = 0; i < fingerprints.Length; i++)
        {
            if (await GetAsync(fingerprints.Span[i], cancellationToken) is { } entry)
            {
                entries.Span[i] = entry;
            }
        }
    }

    /// <summary>Stores or replaces the entry of <see cref="CacheEntry.Fingerprint"/>.</summary>
    ValueTask SetAsync(CacheEntry entry, CancellationToken cancellationToken);

    /// <summary>Stores or replaces where that cannot wait for anything nor fail; false: nothing was done.</summary>
    bool TrySetAtOnce(CacheEntry entry) => false;

    /// <summary>Stores or replaces many.</summary>
    async ValueTask SetManyAsync(ReadOnlyMemory<CacheEntry> entries, CancellationToken cancellationToken)
    {
        for (int i = 0; i < entries.Length; i++)
        {
            await SetAsync(entries.Span[i], cancellationToken);
        }
    }

    /// <summary>Gives that very entry other tags. False: it is not there, or a newer one is in its place, which stays as it is.</summary>
    /// <exception cref="IOException">The store cannot say: it may still have the former tags.</exception>
    async ValueTask<bool> RetagAsync(CacheEntry entry, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        if (await GetAsync(entry.Fingerprint, cancellationToken) is not { } present || present.Id != entry.Id)
        {
            return false;
        }

        await SetAsync(present with { Tags = tags }, cancellationToken);
        return true;
    }

    /// <summary>True when an entry was there.</summary>
    ValueTask<bool> RemoveAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken);

    /// <summary>How many entries match, those past their use but not yet gone included.</summary>
    /// <exception cref="IOException">The store cannot say.</exception>
    ValueTask<long> CountAsync(EntrySelector selector, CancellationToken cancellationToken);

    /// <summary>Removes what matches when the call begins; what is stored while it runs may stay. Returns how many were there.</summary>
    /// <param name="removed">Told of each that was, in no order and on any thread, one at a time; null: nobody wants to know.</param>
    /// <exception cref="IOException">Some of them may still be there.</exception>
    ValueTask<long> RemoveAsync(EntrySelector selector, Action<Fingerprint256>? removed, CancellationToken cancellationToken);

    /// <summary>What matches and is of use, in the order of <see cref="Fingerprint256.Order"/>.</summary>
    /// <param name="after">The one to go on behind; null: from the first.</param>
    /// <exception cref="IOException">The store broke off.</exception>
    IAsyncEnumerable<CacheEntry> ReadAsync(EntrySelector selector, Fingerprint256? after, CancellationToken cancellationToken);
}
