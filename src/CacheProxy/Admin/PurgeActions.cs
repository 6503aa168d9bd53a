using CacheProxy.Exchange;
using CacheProxy.Invalidation;

namespace CacheProxy.Admin;

/// <summary>Purges and bumps with their audit lines, for whoever asked for them.</summary>
public sealed class PurgeActions(Invalidator invalidator, AuditLog audit)
{
    public async Task<PurgeReply> PurgeAsync(EntrySelector selector, bool isDryRun, string who, CancellationToken cancellationToken)
    {
        bool? isShared = null;
        IReadOnlyList<TierCount> tiers;
        if (isDryRun)
        {
            tiers = await invalidator.CountAsync(selector, cancellationToken);
        }
        else
        {
            // Begun, it goes on when the one who asked goes away: half a purge is no purge.
            (tiers, isShared) = await invalidator.PurgeAsync(selector, CancellationToken.None);
        }

        SelectorText text = SelectorText.From(selector);
        long count = tiers.Count == 0 ? 0 : tiers.Max(tier => tier.Count);
        audit.Write("purge", who, text.ToString(), count, isDryRun, tiers);
        return new PurgeReply(isDryRun, text, count, tiers, isShared);
    }

    public async Task<BumpReply> BumpAsync(string space, string who)
    {
        (int epoch, bool isKept, bool isShared) = await invalidator.BumpAsync(space, CancellationToken.None);
        audit.Write("bump", who, space, epoch);
        return new BumpReply(space, epoch, isKept, isShared);
    }
}
