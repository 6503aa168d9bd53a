using CacheProxy.ExactCache;
using CacheProxy.Exchange;

namespace CacheProxy.Invalidation;

/// <summary>
/// Gives an entry other tags in every tier, so that a purge by a new one finds it and a purge by a former one does not. The slowest tier first:
/// a copy that is made from it meanwhile has the new ones, and those that were made before are forgotten, here and in the other proxies.
/// </summary>
public sealed partial class EntryTagger(
    IEnumerable<IEntryStore> stores, PurgeLog purges, IEnumerable<IInvalidationSharing> sharing, ILogger<EntryTagger> logger)
{
    private readonly IEntryStore[] _stores = [.. stores];
    private readonly IInvalidationSharing[] _sharing = [.. sharing];

    /// <param name="entry">As it was read.</param>
    /// <returns>Per tier, slowest first, and whether the other proxies were told.</returns>
    public async Task<(IReadOnlyList<TierTags> Tiers, bool IsShared)> RetagAsync(CacheEntry entry, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        var done = new List<TierTags>();
        for (int tier = _stores.Length - 1; tier > 0; tier--)
        {
            done.Add(await RetagAsync(_stores[tier], entry, tags, cancellationToken));
        }

        // Whoever read the former tags before this point and is about to copy them finds it in the log and does not.
        Purge purge = purges.Add(new EntrySelector { Id = entry.Id, IsOfCopies = true });
        bool isShared = true;
        foreach (IInvalidationSharing others in _sharing)
        {
            isShared &= await others.SharePurgeAsync(purge, cancellationToken);
        }

        if (_stores.Length > 0)
        {
            done.Add(await RetagAsync(_stores[0], entry, tags, cancellationToken));
        }

        return (done, isShared);
    }

    private async Task<TierTags> RetagAsync(IEntryStore store, CacheEntry entry, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        try
        {
            return new TierTags(store.Name, await store.RetagAsync(entry, tags, cancellationToken));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.Failed(logger, store.Name, exception);
            return new TierTags(store.Name, false, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1012, LogLevel.Warning, "The tags of an entry could not be changed in {Store}", EventName = "RetagFailed")]
        public static partial void Failed(ILogger logger, string store, Exception exception);
    }
}
