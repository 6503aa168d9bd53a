using CacheProxy.Exchange;

namespace CacheProxy.ExactCache;

/// <summary>
/// Many look-ups of one request, over the same stores in the same order as <see cref="EntryTiers"/>: each store is asked once, for what the
/// faster ones did not answer, and what it has is copied into them.
/// </summary>
public sealed partial class EntryBatches(
    IEnumerable<IEntryStore> stores, PurgeLog purges, IEnumerable<ISharedPurges> shared, TimeProvider clock, ILogger<EntryBatches> logger)
{
    private readonly IEntryStore[] _stores = [.. stores];
    private readonly ISharedPurges? _shared = shared.FirstOrDefault();

    /// <summary>Looks into the first tier only, without waiting for it; what it has is put at the same place of <paramref name="entries"/>.</summary>
    public void FindAtOnce(ReadOnlyMemory<Fingerprint256> fingerprints, Memory<CacheEntry?> entries)
    {
        if (_stores.Length == 0)
        {
            return;
        }

        for (int i = 0; i < fingerprints.Length; i++)
        {
            ValueTask<CacheEntry?> found = Ask(_stores[0], fingerprints.Span[i]);
            if (found.IsCompletedSuccessfully)
            {
                entries.Span[i] = found.Result;
            }
        }
    }

    /// <summary>Asks the slower tiers for those that do not answer the request at once; a newer entry replaces what is there.</summary>
    /// <param name="entries">As <see cref="FindAtOnce"/> left them.</param>
    public async ValueTask FindBelowAsync(
        ExchangeFeature exchange, Fingerprint256[] fingerprints, CacheEntry?[] entries, CancellationToken cancellationToken)
    {
        for (int tier = 1; tier < _stores.Length; tier++)
        {
            int[] open = [.. Enumerable.Range(0, entries.Length).Where(i => !Answers(entries[i], exchange))];
            if (open.Length == 0)
            {
                return;
            }

            long mark = purges.Mark;
            CacheEntry?[] found = new CacheEntry?[open.Length];
            await TryGetAsync(_stores[tier], Array.ConvertAll(open, i => fingerprints[i]), found, cancellationToken);
            var newer = new List<CacheEntry>();
            for (int i = 0; i < open.Length; i++)
            {
                if (found[i] is { } entry && (entries[open[i]] is not { } known || entry.CreatedAt > known.CreatedAt || known.IsAheadOf(clock.GetUtcNow())))
                {
                    entries[open[i]] = entry;
                    newer.Add(entry);
                }
            }

            if (newer.Count > 0)
            {
                await StoreAsync([.. newer], tier, mark, cancellationToken);
            }
        }
    }

    /// <summary>Stores in every tier, the fastest first, what was not purged since it was asked for.</summary>
    /// <param name="mark"><see cref="PurgeLog.Mark"/> before the entries' answers were asked for.</param>
    public Task StoreAsync(CacheEntry[] entries, long mark, CancellationToken cancellationToken)
        => StoreAsync(Array.FindAll(entries, entry => !purges.Covers(entry, mark)), _stores.Length, mark, cancellationToken);

    private async Task StoreAsync(CacheEntry[] entries, int tiers, long mark, CancellationToken cancellationToken)
    {
        bool isShared = _shared is not null && tiers > 1;
        for (int tier = 0; tier < tiers && entries.Length > 0; tier++)
        {
            CacheEntry[] wanted = entries;
            if (isShared && tier == 1)
            {
                await _shared!.CatchUpAsync(cancellationToken);
                wanted = Array.FindAll(entries, entry => !purges.Covers(entry, mark));
            }

            await TrySetAsync(_stores[tier], wanted, cancellationToken);
        }

        if (isShared)
        {
            await _shared!.CatchUpAsync(cancellationToken);
        }

        // A purge that came meanwhile may have looked before they were there.
        foreach (CacheEntry purged in entries.Where(entry => purges.Covers(entry, mark)))
        {
            for (int tier = 0; tier < tiers; tier++)
            {
                await TryRemoveAsync(_stores[tier], purged.Fingerprint, cancellationToken);
            }
        }
    }

    private static ValueTask<CacheEntry?> Ask(IEntryStore store, Fingerprint256 fingerprint)
    {
        try
        {
            return store.GetAsync(fingerprint, CancellationToken.None);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<CacheEntry?>(exception);
        }
    }

    private async ValueTask TryGetAsync(IEntryStore store, Fingerprint256[] fingerprints, CacheEntry?[] entries, CancellationToken cancellationToken)
    {
        try
        {
            await store.GetManyAsync(fingerprints, entries, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.LookupFailed(logger, fingerprints.Length, store.Name, exception);
        }
    }

    private async ValueTask TrySetAsync(IEntryStore store, CacheEntry[] entries, CancellationToken cancellationToken)
    {
        try
        {
            await store.SetManyAsync(entries, cancellationToken);
        }
        catch (Exception exception)
        {
            Log.StoreFailed(logger, entries.Length, store.Name, exception);
        }
    }

    private async ValueTask TryRemoveAsync(IEntryStore store, Fingerprint256 fingerprint, CancellationToken cancellationToken)
    {
        try
        {
            await store.RemoveAsync(fingerprint, cancellationToken);
        }
        catch (Exception exception)
        {
            Log.RemoveFailed(logger, fingerprint.ToShortString(), store.Name, exception);
        }
    }

    private bool Answers(CacheEntry? entry, ExchangeFeature exchange)
        => entry is not null
            && entry.Scope == exchange.Scope.Id
            && FreshnessRules.Judge(entry, exchange, clock.GetUtcNow()) == Freshness.Fresh;

    private static partial class Log
    {
        [LoggerMessage(303, LogLevel.Warning, "Looking for {Count} entries in {Store} failed: what it did not give counts as missing", EventName = "BatchLookupFailed")]
        public static partial void LookupFailed(ILogger logger, int count, string store, Exception exception);

        [LoggerMessage(304, LogLevel.Warning, "Storing {Count} entries in {Store} failed", EventName = "BatchStoreFailed")]
        public static partial void StoreFailed(ILogger logger, int count, string store, Exception exception);

        [LoggerMessage(305, LogLevel.Warning, "Removing {Fingerprint}, purged while it was stored, from {Store} failed", EventName = "BatchRemoveFailed")]
        public static partial void RemoveFailed(ILogger logger, string fingerprint, string store, Exception exception);
    }
}
