namespace CacheProxy.Inference.Prefix;

/// <summary>
/// Which of the tree's blocks are held, cached and pinned, and the order in which the loose ones go. A node stands in that order
/// exactly while it is a leaf that no lease and no pin holds. Engine thread alone.
/// </summary>
internal sealed class CachedBlocks(BlockPool pool, EvictionPolicy policy, TimeProvider time)
{
    private readonly EvictionHeap<PrefixNode> _evictable = new(pool.BlockCount);

    /// <summary>Blocks in the tree that no lease holds.</summary>
    public int Count { get; private set; }

    /// <summary>Blocks that pins hold, leased ones among them.</summary>
    public int PinnedCount { get; private set; }

    /// <summary>Those of them that no lease holds.</summary>
    public int PinnedCachedCount { get; private set; }

    /// <summary>Logical time: blocks given back so far.</summary>
    public long Clock { get; set; }

    public EvictionHeap<PrefixNode> Evictable => _evictable;

    public void Hold(PrefixNode node)
    {
        if (pool.Hold(node.Block))
        {
            Count--;
            PinnedCachedCount -= node.Pins > 0 ? 1 : 0;
            Rank(node);
        }
    }

    /// <summary>One holder less. Paths are given back deepest block first.</summary>
    /// <param name="floor">Priority of the block behind it on the path: a block is worth nothing without those before it, wherever it lies.</param>
    /// <returns>Its own priority, never below what it was.</returns>
    public long Drop(PrefixNode node, long floor)
    {
        bool isLast = pool.Drop(node.Block);
        node.UsedAt = time.GetTimestamp();
        node.Stamp = ++Clock;
        node.Priority = Math.Max(Math.Max(node.Priority, floor), policy.PriorityOf(node.Stamp, node.Uses, node.Depth));
        if (isLast)
        {
            Count++;
            PinnedCachedCount += node.Pins > 0 ? 1 : 0;
            Rank(node);
        }

        return node.Priority;
    }

    /// <summary>An evictable node leaves the tree.</summary>
    public void Remove(PrefixNode node)
    {
        _evictable.Remove(node);
        Count--;
    }

    /// <summary>Puts a node into the order of eviction or takes it out, after its holders, pins or children have changed.</summary>
    public void Rank(PrefixNode node)
    {
        if (node.HeapIndex >= 0)
        {
            _evictable.Remove(node);
        }

        if (pool.HoldersOf(node.Block) == 0 && node is { Pins: 0, FirstChild: null })
        {
            _evictable.Add(node);
        }
    }

    public void AddPin(PrefixPin pin)
    {
        pin.Tip.Pin = pin;
        for (PrefixNode? node = pin.Tip; node is { Block: >= 0 }; node = node.Parent)
        {
            if (node.Pins++ == 0)
            {
                PinnedCount++;
                PinnedCachedCount += pool.HoldersOf(node.Block) == 0 ? 1 : 0;
                Rank(node);
            }
        }
    }

    public void RemovePin(PrefixPin pin)
    {
        pin.Tip.Pin = null;
        for (PrefixNode? node = pin.Tip; node is { Block: >= 0 }; node = node.Parent)
        {
            if (--node.Pins == 0)
            {
                PinnedCount--;
                PinnedCachedCount -= pool.HoldersOf(node.Block) == 0 ? 1 : 0;
                Rank(node);
            }
        }
    }

    /// <summary>Blocks that a pin here would add to <see cref="PinnedCount"/>.</summary>
    public static int UnpinnedBlocksOf(PrefixNode tip)
    {
        int count = 0;
        for (PrefixNode? node = tip; node is { Block: >= 0, Pins: 0 }; node = node.Parent)
        {
            count++;
        }

        return count;
    }
}
