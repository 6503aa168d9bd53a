using CacheProxy.Inference.Prefix;

namespace CacheProxy.Inference.Tiers;

/// <summary>One place where an entry's bytes lie; ranked among the others there.</summary>
internal abstract class TierCopy(TierEntry entry) : IEvictable
{
    public TierEntry Entry { get; } = entry;

    public long Priority => Entry.Priority;

    public long Stamp => Entry.Stamp;

    public int HeapIndex { get; set; } = -1;
}

internal sealed class RamCopy(TierEntry entry, BlockBuffer buffer) : TierCopy(entry)
{
    public BlockBuffer Buffer { get; } = buffer;
}

/// <param name="slot">Its place in the file.</param>
internal sealed class DiskCopy(TierEntry entry, int slot) : TierCopy(entry)
{
    public int Slot { get; } = slot;

    /// <summary>Of its bytes in the file; known once they are written.</summary>
    public ulong Checksum { get; set; }

    /// <summary>Its bytes while they wait to be written: the file does not have them yet.</summary>
    public BlockBuffer? Unwritten { get; set; }
}
