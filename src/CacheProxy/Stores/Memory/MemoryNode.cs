using CacheProxy.Exchange;

namespace CacheProxy.Stores.Memory;

/// <summary>A kept entry and its place in the policy's queue. Links and queue belong to the store's lock.</summary>
internal sealed class MemoryNode(CacheEntry entry, int sizeBytes)
{
    private const int MostUses = 3;

    private int _uses;

    public CacheEntry Entry { get; } = entry;

    public int SizeBytes { get; } = sizeBytes;

    public long UsableUntilTicks { get; } = entry.UsableUntil.UtcTicks;

    /// <summary>Earned a place among the entries that are worth keeping; its replacement inherits it.</summary>
    public bool IsProven { get; set; }

    public NodeQueue? Queue { get; set; }

    public MemoryNode? Newer { get; set; }

    public MemoryNode? Older { get; set; }

    /// <summary>Reads since the policy last looked, capped. Written without a lock: a lost count costs nothing.</summary>
    public int Uses
    {
        get => Volatile.Read(ref _uses);
        set => Volatile.Write(ref _uses, value);
    }

    /// <summary>Notes a read. Hot entries are at the cap, so the shared cache line is then only read.</summary>
    public void Touch()
    {
        int uses = Uses;
        if (uses < MostUses)
        {
            Uses = uses + 1;
        }
    }
}
