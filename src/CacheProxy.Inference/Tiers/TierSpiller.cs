using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Prefix;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Inference.Tiers;

/// <summary>Puts what the pool gives up into memory or on disk, and what falls out of memory on disk, by the worth that the tree gave it. Engine thread alone.</summary>
/// <param name="entries">What the tiers hold; what is stored enters it here.</param>
internal sealed class TierSpiller(
    IModelRunner runner, Dictionary<BlockKey, TierEntry> entries, RamTier ram, DiskTier? disk, BlockBuffers buffers, ILogger logger)
{
    /// <summary>Called with what may lie nowhere any more.</summary>
    public required Action<TierEntry> Unused { get; init; }

    /// <summary>Blocks taken from the pool.</summary>
    public long Spilled { get; private set; }

    /// <summary>Blocks that no tier had room for.</summary>
    public long Dropped { get; private set; }

    /// <summary>Takes a block that the pool is about to give up.</summary>
    /// <returns>False when no tier has room for something of its worth.</returns>
    public bool TryKeep(PrefixNode node)
    {
        if (!entries.TryGetValue(node.Key, out TierEntry? entry))
        {
            entry = new TierEntry(node.Key, node.Parent!.Key, PrefixTree.RootOf(node).Key, node.Depth, node.Tokens.ToArray());
        }

        Touch(entry, node);
        if (entry.Ram is not null || entry.Disk?.Unwritten is not null)
        {
            return true;
        }

        bool toRam = ram.WouldTake(entry.Priority);
        if (!toRam && (entry.Disk is not null || disk?.WouldTake(entry.Priority) != true))
        {
            Dropped += entry.Disk is null ? 1 : 0;
            return entry.Disk is not null;
        }

        return TryStore(entry, node.Block, toRam);
    }

    /// <summary>Moves an entry from memory to disk.</summary>
    public void Demote(RamCopy copy)
    {
        TierEntry entry = copy.Entry;
        BlockBuffer buffer = ram.Remove(copy);
        if (entry.Disk is not null || !TryWrite(entry, buffer))
        {
            buffers.Return(buffer);
            SetSpare(entry, false);
        }

        Unused(entry);
    }

    private bool TryStore(TierEntry entry, int block, bool toRam)
    {
        BlockBuffer buffer = buffers.Rent();
        try
        {
            runner.ReadBlock(block, buffer.Bytes);
        }
        catch (Exception failure)
        {
            TierLog.BlockUnreadable(logger, failure);
            buffers.Return(buffer);
            return entry.Disk is not null;
        }

        if (toRam)
        {
            if (ram.Count == ram.MaxBlocks && ram.Evictable.TryPeek(out RamCopy? least))
            {
                Demote(least);
            }

            ram.Add(entry, buffer);
            SetSpare(entry, true);
        }
        else if (!TryWrite(entry, buffer))
        {
            buffers.Return(buffer);
            return false;
        }

        entries[entry.Key] = entry;
        Spilled++;
        return true;
    }

    private bool TryWrite(TierEntry entry, BlockBuffer buffer)
    {
        if (disk?.WouldTake(entry.Priority) != true)
        {
            return false;
        }

        disk.Write(entry, buffer, out DiskCopy? evicted);
        if (evicted is not null)
        {
            Unused(evicted.Entry);
        }

        return true;
    }

    private void Touch(TierEntry entry, PrefixNode node)
    {
        if (entry.Ram is not null)
        {
            ram.Unrank(entry.Ram);
        }

        if (entry.Disk is not null)
        {
            disk!.Unrank(entry.Disk);
        }

        (entry.Uses, entry.Stamp, entry.Priority) = (node.Uses, node.Stamp, node.Priority);
        if (entry.Ram is not null)
        {
            ram.Rank(entry.Ram);
        }

        if (entry.Disk is not null)
        {
            entry.Disk.IsSpare = entry.Ram is not null;
            disk!.Rank(entry.Disk);
        }
    }

    private void SetSpare(TierEntry entry, bool isSpare)
    {
        if (entry.Disk is { } copy)
        {
            disk!.Unrank(copy);
            copy.IsSpare = isSpare;
            disk.Rank(copy);
        }
    }
}
