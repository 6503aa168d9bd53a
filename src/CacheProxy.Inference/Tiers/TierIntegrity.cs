using CacheProxy.Inference.Prefix;

namespace CacheProxy.Inference.Tiers;

/// <summary>Counts again what the tiers say they hold: every copy ranked once, every slot taken once, nothing remembered that is nowhere. O(entries).</summary>
internal static class TierIntegrity
{
    /// <exception cref="InvalidOperationException">Something does not add up; the message says what.</exception>
    public static void CheckIntegrity(this KvTiers tiers)
    {
        int ram = 0, disk = 0;
        var slots = new HashSet<int>();
        foreach ((BlockKey key, TierEntry entry) in tiers.Entries)
        {
            Require(entry.Key == key && !entry.IsGone, "an entry stands under another key or lies nowhere");
            Require(BlockKey.Next(entry.Parent, entry.Tokens) == key, "a key is not that of its tokens");
            if (entry.Ram is { } copy)
            {
                ram++;
                Require(copy.Entry == entry && copy.HeapIndex >= 0 == (entry.Loads == 0), "a block in memory is ranked wrongly");
            }

            if (entry.Disk is { } stored)
            {
                disk++;
                Require(stored.Entry == entry && stored.HeapIndex >= 0 == (entry.Loads == 0), "a block on disk is ranked wrongly");
                Require(slots.Add(stored.Slot) && stored.Slot < tiers.Disk!.MaxBlocks, "a slot is taken twice or lies outside the budget");
            }
        }

        Require(ram == tiers.Ram.Count && ram <= Math.Max(0, tiers.Ram.MaxBlocks), "the count of blocks in memory is wrong");
        Require(disk == (tiers.Disk?.Count ?? 0), "the count of blocks on disk is wrong");
    }

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"KV tier accounting is broken: {problem}.");
        }
    }
}
