using CacheProxy.Inference.Prefix;

namespace CacheProxy.Inference.Tiers;

/// <summary>One place where an entry's bytes lie; ranked among the others there.</summary>
internal abstract class TierCopy(TierEntry entry) : IEvictable
{
    public TierEntry Entry { get; } = entry;

    public virtual long Priority => Entry.Priority;

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

    /// <summary>
    /// The block lies in memory or in the pool too: of two copies this one goes first, or the hot blocks would fill two tiers. It is written
    /// again when the other one goes. Must not change while it is ranked.
    /// </summary>
    public bool IsSpare { get; set; }

    public override long Priority => IsSpare ? Entry.Priority - (1L << 60) : Entry.Priority;

    /// <summary>Of its bytes in the file; known once they are written.</summary>
    public ulong Checksum { get; set; }

    /// <summary>Its bytes while they wait to be written: the file does not have them yet.</summary>
    public BlockBuffer? Unwritten { get; set; }
}
