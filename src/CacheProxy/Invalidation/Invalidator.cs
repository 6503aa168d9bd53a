using System.Collections.Concurrent;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;

namespace CacheProxy.Invalidation;

/// <summary>Purges entries from every tier, and what points at them, here and, where the tiers are shared, in the other proxies' memory.</summary>
public sealed partial class Invalidator(
    IEnumerable<IEntryStore> stores, PurgeLog purges, NamespaceEpochs epochs, IEnumerable<IPurgeObserver> observers,
    IEnumerable<IInvalidationSharing> sharing, ILogger<Invalidator> logger)
{
    private readonly IEntryStore[] _stores = [.. stores];
    private readonly IPurgeObserver[] _observers = [.. observers];
    private readonly IInvalidationSharing[] _sharing = [.. sharing];

    /// <summary>How many entries a purge would remove, per tier; one entry is in several.</summary>
    public async Task<IReadOnlyList<TierCount>> CountAsync(EntrySelector selector, CancellationToken cancellationToken)
    {
        var counts = new List<TierCount>();
        foreach (IEntryStore store in _stores)
        {
            counts.Add(await RunAsync(store, () => store.CountAsync(selector, cancellationToken), cancellationToken));
        }

        return counts;
    }

    /// <summary>Removes what matches, and keeps out what was asked for before and would come after.</summary>
    /// <returns>Per tier, and whether the other proxies were told.</returns>
    public async Task<(IReadOnlyList<TierCount> Tiers, bool IsShared)> PurgeAsync(EntrySelector selector, CancellationToken cancellationToken)
    {
        // First: what is stored from here on is checked against it, what was stored before is removed below.
        Purge purge = purges.Add(selector);
        // The same for the other proxies, which may be about to put something into the shared tier.
        bool isShared = await ShareAsync(purge, cancellationToken);
        IReadOnlyList<TierCount> tiers = await RemoveAsync(selector, _stores, cancellationToken);
        if (isShared)
        {
            // Once more: between the first word and the removal they may have copied something from the shared tier into their memory.
            await ShareAsync(purge, cancellationToken);
        }

        return (tiers, isShared);
    }

    /// <summary>Removes from this process' memory what another proxy has purged from the shared tier.</summary>
    /// <param name="number">Of the purge among the proxies.</param>
    public Task PurgeMemoryAsync(EntrySelector selector, long number, CancellationToken cancellationToken)
    {
        purges.Add(selector, number);
        return RemoveAsync(selector, _stores[..1], cancellationToken);
    }

    /// <returns>The new epoch; whether it is on disk; whether the other proxies were told.</returns>
    public async Task<(int Epoch, bool IsKept, bool IsShared)> BumpAsync(string space, CancellationToken cancellationToken)
    {
        (_, bool isKept) = epochs.Bump(space);
        bool isShared = true;
        foreach (IInvalidationSharing others in _sharing)
        {
            isShared &= await others.ShareBumpAsync(space, cancellationToken);
        }

        return (epochs.Of(space), isKept, isShared);
    }

    private async ValueTask<bool> ShareAsync(Purge purge, CancellationToken cancellationToken)
    {
        bool isShared = true;
        foreach (IInvalidationSharing others in _sharing)
        {
            isShared &= await others.SharePurgeAsync(purge, cancellationToken);
        }

        return isShared;
    }

    private async Task<IReadOnlyList<TierCount>> RemoveAsync(EntrySelector selector, IEntryStore[] stores, CancellationToken cancellationToken)
    {
        var gone = new ConcurrentDictionary<Fingerprint256, bool>();
        var counts = new List<TierCount>();
        foreach (IEntryStore store in stores)
        {
            counts.Add(await RunAsync(store, () => store.RemoveAsync(selector, fingerprint => gone[fingerprint] = true, cancellationToken), cancellationToken));
        }

        // Of a copy only the copy is gone: what points at the entry still leads to it.
        foreach (IPurgeObserver observer in gone.IsEmpty || selector.IsOfCopies ? [] : _observers)
        {
            await NotifyAsync(observer, [.. gone.Keys], cancellationToken);
        }

        return counts;
    }

    private async Task<TierCount> RunAsync(IEntryStore store, Func<ValueTask<long>> work, CancellationToken cancellationToken)
    {
        try
        {
            return new TierCount(store.Name, await work());
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.TierFailed(logger, store.Name, exception);
            return new TierCount(store.Name, 0, exception.Message);
        }
    }

    private async Task NotifyAsync(IPurgeObserver observer, IReadOnlyCollection<Fingerprint256> gone, CancellationToken cancellationToken)
    {
        try
        {
            await observer.OnPurgedAsync(gone, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.ObserverFailed(logger, observer.GetType().Name, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1010, LogLevel.Warning, "{Store} could not be purged or asked", EventName = "TierFailed")]
        public static partial void TierFailed(ILogger logger, string store, Exception exception);

        [LoggerMessage(1011, LogLevel.Warning, "{Observer} did not take note of a purge; what it keeps points at nothing", EventName = "PurgeObserverFailed")]
        public static partial void ObserverFailed(ILogger logger, string observer, Exception exception);
    }
}
