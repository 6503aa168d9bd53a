using System.Diagnostics.CodeAnalysis;
using CacheProxy.Inference.Prefix;

namespace CacheProxy.Inference.Tiers;

/// <summary>
/// Which slot of the block file holds which entry, and the traffic with the thread that owns the files. Nothing here waits for the
/// disk: a write that finds the queue full is dropped. Engine thread alone.
/// </summary>
internal sealed class DiskTier : IDisposable
{
    private const long MaxQueuedBytes = 64L << 20;

    private readonly EvictionHeap<DiskCopy> _evictable = new(16);
    private readonly Stack<int> _freeSlots = new();
    private readonly DiskThread _thread;
    private readonly int _maxQueuedWrites;
    private int _slots;

    public DiskTier(DiskFiles files, int maxBlocks, int blockBytes)
    {
        MaxBlocks = maxBlocks;
        _maxQueuedWrites = (int)Math.Clamp(MaxQueuedBytes / blockBytes, 4, 4096);
        Found = [.. files.Scan(maxBlocks)];
        _thread = new DiskThread(files);
    }

    public int MaxBlocks { get; }

    internal DiskThread Thread => _thread;

    public int Count { get; private set; }

    public EvictionHeap<DiskCopy> Evictable => _evictable;

    public bool IsQueueFull => _thread.UnfinishedWrites >= _maxQueuedWrites;

    public bool IsIdle => _thread.UnfinishedWrites == 0;

    /// <summary>Writing has failed: what is there can still be read.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>What the index had at the start; taken once, by <see cref="Restore"/>.</summary>
    private List<(int Slot, DiskRecord Record)> Found { get; set; }

    /// <summary>The entries that an engine before this one left behind, the younger of two with the same key.</summary>
    public Dictionary<BlockKey, TierEntry> Restore()
    {
        var entries = new Dictionary<BlockKey, TierEntry>(Found.Count);
        foreach ((int slot, DiskRecord record) in Found.OrderByDescending(found => found.Record.Stamp))
        {
            var entry = new TierEntry(record.Key, record.Parent, record.Root, record.Depth, record.Tokens)
            {
                Uses = record.Uses,
                Stamp = record.Stamp,
                Priority = record.Priority,
            };
            if (entries.TryAdd(record.Key, entry))
            {
                Place(entry, slot).Checksum = record.Checksum;
            }
        }

        _slots = Found.Count == 0 ? 0 : Found.Max(found => found.Slot) + 1;
        HashSet<int> taken = [.. entries.Values.Select(entry => entry.Disk!.Slot)];
        for (int slot = _slots - 1; slot >= 0; slot--)
        {
            if (!taken.Contains(slot))
            {
                _freeSlots.Push(slot);
            }
        }

        Found = [];
        return entries;
    }

    /// <summary>There is room, or a block of less worth would have to go, and the queue takes it.</summary>
    public bool WouldTake(long priority) =>
        !IsReadOnly && !IsQueueFull
        && (Count < MaxBlocks || (_evictable.TryPeek(out DiskCopy? least) && least.Priority < priority));

    /// <summary>Hands an entry's bytes to the disk's thread; <see cref="WouldTake"/> has said yes.</summary>
    /// <param name="buffer">The disk's until the write is done.</param>
    /// <param name="evicted">The copy that had to go.</param>
    public void Write(TierEntry entry, BlockBuffer buffer, out DiskCopy? evicted)
    {
        evicted = null;
        if (Count == MaxBlocks && _evictable.TryPeek(out evicted))
        {
            Remove(evicted);
        }

        DiskCopy copy = Place(entry, _freeSlots.TryPop(out int slot) ? slot : _slots++);
        copy.Unwritten = buffer;
        _thread.Write(new DiskWrite(copy, buffer));
    }

    /// <summary>Forgets a copy; its slot is free. The record stays in the file until another takes its place.</summary>
    public void Remove(DiskCopy copy)
    {
        Unrank(copy);
        copy.Entry.Disk = null;
        _freeSlots.Push(copy.Slot);
        Count--;
    }

    /// <summary>Forgets a copy and its record too: no later start finds it.</summary>
    public void Erase(DiskCopy copy)
    {
        Remove(copy);
        _thread.Write(new DiskClear(copy.Slot));
    }

    public DiskRead Read(TierEntry entry, BlockBuffer buffer)
    {
        var read = new DiskRead(entry, entry.Disk!.Slot, entry.Disk.Checksum, buffer);
        _thread.Read(read);
        return read;
    }

    /// <summary>Brings the record of a copy that was used again up to date.</summary>
    public void Update(DiskCopy copy) => _thread.Write(new DiskRecordWrite(copy));

    public bool TryTakeDone([NotNullWhen(true)] out DiskJob? job) => _thread.Done.TryDequeue(out job);

    public void WaitForDone(TimeSpan timeout) => _thread.WaitForDone(timeout);

    public void Rank(DiskCopy copy)
    {
        if (copy.Entry.Loads == 0)
        {
            _evictable.Add(copy);
        }
    }

    public void Unrank(DiskCopy copy)
    {
        if (copy.HeapIndex >= 0)
        {
            _evictable.Remove(copy);
        }
    }

    public void Dispose() => _thread.Dispose();

    private DiskCopy Place(TierEntry entry, int slot)
    {
        entry.Disk = new DiskCopy(entry, slot);
        Count++;
        Rank(entry.Disk);
        return entry.Disk;
    }
}
