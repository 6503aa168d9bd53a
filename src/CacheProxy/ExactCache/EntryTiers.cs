using CacheProxy.Exchange;

namespace CacheProxy.ExactCache;

/// <summary>
/// The stores in the order in which they are asked, the fastest first. What a slower one has is copied into the faster ones. A store that
/// fails is skipped: faults are the stores' own guards' to report, here they are misses.
/// </summary>
public sealed partial class EntryTiers(
    IEnumerable<IEntryStore> stores, PurgeLog purges, IEnumerable<ISharedPurges> shared, TimeProvider clock, ILogger<EntryTiers> logger)
{
    private readonly IEntryStore[] _stores = [.. stores];
    private readonly ISharedPurges? _shared = shared.FirstOrDefault();

    /// <summary>The best entry there is: the first that answers the request at once, else the newest of the others.</summary>
    public ValueTask<CacheEntry?> FindAsync(ExchangeFeature exchange, CancellationToken cancellationToken)
    {
        if (_stores.Length == 0)
        {
            return default;
        }

        // The first tier is memory: its answer is there at once, and a hit must not pay for the machinery of waiting.
        ValueTask<CacheEntry?> first = Ask(_stores[0], exchange, cancellationToken);
        if (!first.IsCompletedSuccessfully)
        {
            return FindBelowAsync(exchange, first, cancellationToken);
        }

        CacheEntry? entry = first.Result;
        return Answers(entry, exchange) || LackForSure(exchange.Fingerprint)
            ? ValueTask.FromResult(entry)
            : FindFromAsync(exchange, 1, entry, cancellationToken);
    }

    // All but the first.
    private bool LackForSure(Fingerprint256 fingerprint)
    {
        for (int tier = 1; tier < _stores.Length; tier++)
        {
            if (!_stores[tier].LacksForSure(fingerprint))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What answers the request from the first tier, without waiting for it.</summary>
    public CacheEntry? FindAtOnce(ExchangeFeature exchange)
    {
        if (_stores.Length == 0)
        {
            return null;
        }

        ValueTask<CacheEntry?> first = Ask(_stores[0], exchange, CancellationToken.None);
        CacheEntry? entry = first.IsCompletedSuccessfully ? first.Result : null;
        return Answers(entry, exchange) ? entry : null;
    }

    /// <summary>Stores in every tier, the fastest first, unless it was purged meanwhile.</summary>
    /// <param name="mark"><see cref="PurgeLog.Mark"/> before the answer was asked for.</param>
    public Task StoreAsync(CacheEntry entry, long mark, CancellationToken cancellationToken)
        => StoreAsync(entry, _stores.Length, mark, cancellationToken);

    // Asked again behind the writing: a purge in between may have passed a store before the entry came to it.
    private async Task StoreAsync(CacheEntry entry, int tiers, long mark, CancellationToken cancellationToken)
    {
        bool isShared = _shared is not null && tiers > 1;
        for (int tier = 0; tier < tiers && !purges.Covers(entry, mark); tier++)
        {
            if (isShared && tier == 1)
            {
                // Else an answer that another proxy has purged would take the place of its successor.
                await _shared!.CatchUpAsync(cancellationToken);
                if (purges.Covers(entry, mark))
                {
                    break;
                }
            }

            await SetAsync(_stores[tier], entry, cancellationToken);
        }

        if (isShared)
        {
            await _shared!.CatchUpAsync(cancellationToken);
        }

        if (purges.Covers(entry, mark))
        {
            for (int tier = 0; tier < tiers; tier++)
            {
                await RemoveAsync(_stores[tier], entry, cancellationToken);
            }
        }
    }

    /// <summary>It may be given to the request at once.</summary>
    /// <remarks>The fingerprint holds the scope already; comparing it again means that no damaged store can carry an answer across tenants.</remarks>
    public bool Answers(CacheEntry? entry, ExchangeFeature exchange)
        => entry is not null
            && entry.Scope == exchange.Scope.Id
            && FreshnessRules.Judge(entry, exchange, clock.GetUtcNow()) == Freshness.Fresh;

    private async ValueTask<CacheEntry?> FindBelowAsync(ExchangeFeature exchange, ValueTask<CacheEntry?> first, CancellationToken cancellationToken)
    {
        CacheEntry? entry = await TryAwait(first, _stores[0], exchange);
        return Answers(entry, exchange) ? entry : await FindFromAsync(exchange, 1, entry, cancellationToken);
    }

    private async ValueTask<CacheEntry?> FindFromAsync(ExchangeFeature exchange, int tier, CacheEntry? best, CancellationToken cancellationToken)
    {
        for (; tier < _stores.Length; tier++)
        {
            long mark = purges.Mark;
            CacheEntry? entry = await TryAwait(Ask(_stores[tier], exchange, cancellationToken), _stores[tier], exchange);
            if (entry is null || (best is not null && entry.CreatedAt <= best.CreatedAt && !best.IsAheadOf(clock.GetUtcNow())))
            {
                continue;
            }

            best = entry;
            await StoreAsync(entry, tier, mark, cancellationToken);

            if (Answers(best, exchange))
            {
                break;
            }
        }

        return best;
    }

    private static ValueTask<CacheEntry?> Ask(IEntryStore store, ExchangeFeature exchange, CancellationToken cancellationToken)
    {
        try
        {
            return store.GetAsync(exchange.Fingerprint, cancellationToken);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<CacheEntry?>(exception);
        }
    }

    private async ValueTask<CacheEntry?> TryAwait(ValueTask<CacheEntry?> pending, IEntryStore store, ExchangeFeature exchange)
    {
        try
        {
            return await pending;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.LookupFailed(logger, store.Name, exchange.Fingerprint.ToShortString(), exception);
            return null;
        }
    }

    private async Task SetAsync(IEntryStore store, CacheEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            await store.SetAsync(entry, cancellationToken);
        }
        catch (Exception exception)
        {
            Log.StoreFailed(logger, store.Name, entry.Fingerprint.ToShortString(), exception);
        }
    }

    private async Task RemoveAsync(IEntryStore store, CacheEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            await store.RemoveAsync(entry.Fingerprint, cancellationToken);
        }
        catch (Exception exception)
        {
            Log.StoreFailed(logger, store.Name, entry.Fingerprint.ToShortString(), exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(301, LogLevel.Warning, "Look-up of {Fingerprint} in {Store} failed: it counts as a miss", EventName = "LookupFailed")]
        public static partial void LookupFailed(ILogger logger, string store, string fingerprint, Exception exception);

        [LoggerMessage(302, LogLevel.Warning, "Storing {Fingerprint} in {Store} failed", EventName = "StoreFailed")]
        public static partial void StoreFailed(ILogger logger, string store, string fingerprint, Exception exception);
    }
}
