using CacheProxy.Inference.Prefix;

namespace CacheProxy.Inference.Tiers;

/// <summary>Blocks in memory beside the pool, ranked. Engine thread alone.</summary>
internal sealed class RamTier(int maxBlocks)
{
    private readonly EvictionHeap<RamCopy> _evictable = new(16);

    public int MaxBlocks { get; } = maxBlocks;

    public int Count { get; private set; }

    public EvictionHeap<RamCopy> Evictable => _evictable;

    /// <summary>There is room, or a block of less worth would have to go.</summary>
    public bool WouldTake(long priority) => Count < MaxBlocks || (_evictable.TryPeek(out RamCopy? least) && least.Priority < priority);

    public void Add(TierEntry entry, BlockBuffer buffer)
    {
        entry.Ram = new RamCopy(entry, buffer);
        Count++;
        Rank(entry.Ram);
    }

    /// <returns>The buffer, which is the caller's now.</returns>
    public BlockBuffer Remove(RamCopy copy)
    {
        Unrank(copy);
        copy.Entry.Ram = null;
        Count--;
        return copy.Buffer;
    }

    public void Rank(RamCopy copy)
    {
        if (copy.Entry.Loads == 0)
        {
            _evictable.Add(copy);
        }
    }

    public void Unrank(RamCopy copy)
    {
        if (copy.HeapIndex >= 0)
        {
            _evictable.Remove(copy);
        }
    }
}
