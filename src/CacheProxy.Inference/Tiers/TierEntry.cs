using CacheProxy.Inference.Prefix;

namespace CacheProxy.Inference.Tiers;

/// <summary>A full block that lies outside the pool, in memory, on disk or both. Engine thread alone.</summary>
internal sealed class TierEntry(BlockKey key, BlockKey parent, BlockKey root, int depth, int[] tokens)
{
    public BlockKey Key { get; } = key;

    public BlockKey Parent { get; } = parent;

    /// <summary>The key of the salt that it belongs to.</summary>
    public BlockKey Root { get; } = root;

    /// <summary>Blocks before it.</summary>
    public int Depth { get; } = depth;

    /// <summary>Its own tokens: what a hit compares.</summary>
    public int[] Tokens { get; } = tokens;

    public int Uses { get; set; }

    /// <summary>Logical time of its last use.</summary>
    public long Stamp { get; set; }

    /// <summary>See <see cref="EvictionPolicy"/>.</summary>
    public long Priority { get; set; }

    /// <summary>Loads under way that want it; until they end it is not given up.</summary>
    public int Loads { get; set; }

    public RamCopy? Ram { get; set; }

    public DiskCopy? Disk { get; set; }

    public bool IsGone => Ram is null && Disk is null;

    /// <summary>What a hit is: the same block behind the same past.</summary>
    public bool Is(BlockKey past, ReadOnlySpan<int> wanted) => Parent == past && wanted.SequenceEqual(Tokens);
}
