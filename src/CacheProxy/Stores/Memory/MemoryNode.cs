using CacheProxy.Exchange;

namespace CacheProxy.Stores.Memory;

/// <summary>A kept entry and what its policy knows of it. All but the two that <see cref="Touch"/> writes belong to the store's lock.</summary>
internal sealed class MemoryNode(CacheEntry entry, int sizeBytes)
{
    /// <summary>More are not counted: hot entries stand at the cap.</summary>
    public const int MostUses = 15;

    private int _uses;
    private int _lastRead;

    public CacheEntry Entry { get; } = entry;

    public int SizeBytes { get; } = sizeBytes;

    /// <summary>What one hit saves, in seconds per byte.</summary>
    public double ValuePerByte { get; } = EntryValue.Of(entry) / sizeBytes;

    public long UsableUntilTicks { get; } = entry.UsableUntil.UtcTicks;

    /// <summary>Where the policy keeps it; -1: nowhere.</summary>
    public int Place { get; set; } = -1;

    /// <summary>Which of the policy's halvings its uses have been through.</summary>
    public int Halvings { get; set; }

    /// <summary>Reads, capped and halved now and then. Written without a lock: a lost count costs nothing.</summary>
    public int Uses
    {
        get => Volatile.Read(ref _uses);
        set => Volatile.Write(ref _uses, value);
    }

    /// <summary>The policy's time of the last read.</summary>
    public int LastRead
    {
        get => Volatile.Read(ref _lastRead);
        set => Volatile.Write(ref _lastRead, value);
    }

    /// <summary>Notes a read. Nothing is written for a hot entry until another is stored, so its cache line stays shared between the readers.</summary>
    public void Touch(int time)
    {
        int uses = Uses;
        if (uses < MostUses)
        {
            Uses = uses + 1;
        }

        if (LastRead != time)
        {
            LastRead = time;
        }
    }
}
