namespace CacheProxy.Inference.Tiers;

/// <summary>
/// A run of blocks on its way from the tiers into the blocks of one lease, in order. Its entries are not given up until it ends.
/// Engine thread alone.
/// </summary>
/// <param name="entries">One behind the other.</param>
/// <param name="firstBlock">Blocks of the sequence before the first of them.</param>
internal sealed class TierLoad(TierEntry[] entries, int firstBlock)
{
    public TierEntry[] Entries { get; } = entries;

    public int FirstBlock { get; } = firstBlock;

    /// <summary>Reads under way or done, by entry.</summary>
    public DiskRead?[] Reads { get; } = new DiskRead?[entries.Length];

    /// <summary>Entries that are in the pool by now.</summary>
    public int Placed { get; set; }

    /// <summary>Entries whose read was considered.</summary>
    public int Issued { get; set; }

    /// <summary>Timestamp of its beginning, or of the last block placed.</summary>
    public long ProgressAt { get; set; }

    /// <summary>All is placed, or what is left has to be computed.</summary>
    public bool IsDone { get; set; }
}
