using CacheProxy.ExactCache;
using CacheProxy.Exchange;

namespace CacheProxy.Admin;

/// <summary>Reads entries from the tier that holds most of them: the slowest that can be read.</summary>
internal sealed class EntryBook(IEnumerable<IEntryStore> stores)
{
    /// <summary>After so many writes <see cref="IsSettledAsync"/> is asked: a store that writes in the background has room for more than that.</summary>
    public const int SettleEvery = 256;

    private readonly IEntryStore[] _stores = [.. stores];

    public async Task<(IEntryStore Store, List<CacheEntry> Entries)> ReadPageAsync(
        EntrySelector selector, Fingerprint256? after, int limit, CancellationToken cancellationToken)
    {
        for (int tier = _stores.Length - 1; ; tier--)
        {
            try
            {
                return (_stores[tier], await TakeAsync(_stores[tier].ReadAsync(selector, after, cancellationToken), limit));
            }
            catch (Exception) when (tier > 0 && !cancellationToken.IsCancellationRequested)
            {
                // The next faster one has copies of some.
            }
        }
    }

    /// <summary>Everything of the slowest tier, in its order; breaks off with the store's own fault.</summary>
    public IAsyncEnumerable<CacheEntry> ReadAllAsync(EntrySelector selector, CancellationToken cancellationToken)
        => _stores[^1].ReadAsync(selector, after: null, cancellationToken);

    /// <summary>What the slowest tier has of a fingerprint.</summary>
    public ValueTask<CacheEntry?> FindAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken)
        => _stores[^1].GetAsync(fingerprint, cancellationToken);

    /// <summary>Waits until the slowest tier has written what it was given; false: it does not have this entry.</summary>
    public async Task<bool> IsSettledAsync(CacheEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            return await _stores[^1].CountAsync(new EntrySelector { Fingerprint = entry.Fingerprint }, cancellationToken) > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task<List<CacheEntry>> TakeAsync(IAsyncEnumerable<CacheEntry> entries, int limit)
    {
        var taken = new List<CacheEntry>();
        await foreach (CacheEntry entry in entries)
        {
            taken.Add(entry);
            if (taken.Count == limit)
            {
                break;
            }
        }

        return taken;
    }
}
