namespace CacheProxy.Inference.Tiers;

/// <summary>Where KV blocks go that the pool has no room for.</summary>
public sealed record KvTierOptions
{
    /// <summary>Memory beside the pool for blocks that were evicted from it, in bytes; 0: none. Default 0.</summary>
    public long RamBytes { get; init; }

    /// <summary>Disk for blocks that fall out of memory, in bytes; 0: none. Default 0.</summary>
    public long DiskBytes { get; init; }

    /// <summary>Folder of the disk tier, one engine's alone; its blocks survive a restart. Needed where <see cref="DiskBytes"/> is not 0.</summary>
    public string? DiskPath { get; init; }

    /// <summary>Writes to the disk tier's files in place of the system's; null: none.</summary>
    internal BlockWrite? WriteAt { get; init; }

    /// <exception cref="ArgumentException">A budget is negative, or the disk has a budget but no folder.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(RamBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(DiskBytes);
        if (DiskBytes > 0 && string.IsNullOrEmpty(DiskPath))
        {
            throw new ArgumentException($"{nameof(DiskBytes)} is {DiskBytes}, but {nameof(DiskPath)} names no folder.");
        }
    }
}
