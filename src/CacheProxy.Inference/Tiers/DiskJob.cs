using CacheProxy.Inference.Prefix;

namespace CacheProxy.Inference.Tiers;

/// <summary>Something for the disk's own thread to do. Made by the engine thread, given back to it when done.</summary>
internal abstract class DiskJob
{
    /// <summary>What went wrong; null: nothing. Written by the disk's thread.</summary>
    public Exception? Failure { get; set; }

    /// <summary>How long it took. Written by the disk's thread.</summary>
    public TimeSpan Elapsed { get; set; }

    public abstract void Run(DiskFiles files);
}

/// <summary>Reads a block into a buffer.</summary>
internal sealed class DiskRead(TierEntry entry, int slot, ulong checksum, BlockBuffer buffer) : DiskJob
{
    private readonly BlockKey _key = entry.Key;

    public TierEntry Entry { get; } = entry;

    public BlockBuffer Buffer { get; } = buffer;

    /// <summary>Back with the engine thread.</summary>
    public bool IsDone { get; set; }

    /// <summary>Nobody waits for it any more. The engine thread's own.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>The slot held what it should.</summary>
    public bool IsGood { get; private set; }

    public override void Run(DiskFiles files) => IsGood = files.TryRead(slot, _key, checksum, Buffer.Bytes);
}

/// <summary>Writes a block and its record.</summary>
internal sealed class DiskWrite(DiskCopy copy, BlockBuffer buffer) : DiskJob
{
    // Taken now: the entry goes on changing on the engine thread.
    private readonly DiskRecord _record = DiskRecord.Of(copy.Entry, 0);

    public DiskCopy Copy { get; } = copy;

    public BlockBuffer Buffer { get; } = buffer;

    public ulong Checksum { get; private set; }

    public override void Run(DiskFiles files)
    {
        Checksum = DiskRecord.ChecksumOf(_record.Key, Buffer.Bytes);
        files.Write(Copy.Slot, _record with { Checksum = Checksum }, Buffer.Bytes);
    }
}

/// <summary>Brings a record up to date.</summary>
internal sealed class DiskRecordWrite(DiskCopy copy) : DiskJob
{
    private readonly DiskRecord _record = DiskRecord.Of(copy.Entry, copy.Checksum);

    public override void Run(DiskFiles files) => files.WriteRecord(copy.Slot, _record);
}

/// <summary>Empties a slot.</summary>
internal sealed class DiskClear(int slot) : DiskJob
{
    public override void Run(DiskFiles files) => files.Clear(slot);
}
