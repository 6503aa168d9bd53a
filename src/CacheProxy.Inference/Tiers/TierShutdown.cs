using CacheProxy.Inference.Prefix;

namespace CacheProxy.Inference.Tiers;

/// <summary>What the disk tier does before the engine ends: everything of worth that only memory holds is written, and the records get their last state.</summary>
internal sealed class TierShutdown(KvTiers tiers, DiskTier disk, long deadline, TimeProvider time)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <param name="pool">The full blocks that the pool still has.</param>
    public void Run(IEnumerable<PrefixNode> pool)
    {
        // A block is worth no more than its parent, so what is cut off by the deadline is never in the middle of a path.
        foreach (RamCopy copy in tiers.Entries.Values.Select(entry => entry.Ram).OfType<RamCopy>().OrderByDescending(copy => copy.Priority).ToList())
        {
            if (!WaitForRoom())
            {
                return;
            }

            tiers.Demote(copy);
        }

        foreach (PrefixNode node in pool.OrderByDescending(node => node.Priority).ThenBy(node => node.Depth))
        {
            if (!WaitForRoom())
            {
                return;
            }

            tiers.TryKeep(node);
            if (tiers.Entries.GetValueOrDefault(node.Key)?.Ram is { } copy)
            {
                tiers.Demote(copy);
            }
        }

        foreach (TierEntry entry in tiers.Entries.Values)
        {
            if (entry.Disk is { Unwritten: null } copy)
            {
                disk.Update(copy);
            }
        }
    }

    private bool WaitForRoom()
    {
        tiers.Drain();
        while (disk.IsQueueFull && time.GetTimestamp() < deadline)
        {
            disk.WaitForDone(Poll);
            tiers.Drain();
        }

        return !disk.IsQueueFull && !disk.IsReadOnly;
    }
}
