namespace CacheProxy.Stores.Memory;

/// <summary>First in, first out, with removal from the middle; the links live in the nodes. Not thread-safe.</summary>
internal sealed class NodeQueue
{
    private MemoryNode? _newest;
    private MemoryNode? _oldest;

    public int Count { get; private set; }

    public long SizeBytes { get; private set; }

    public void Add(MemoryNode node)
    {
        node.Queue = this;
        node.Newer = null;
        node.Older = _newest;
        if (_newest is null)
        {
            _oldest = node;
        }
        else
        {
            _newest.Newer = node;
        }

        _newest = node;
        Count++;
        SizeBytes += node.SizeBytes;
    }

    /// <summary>Takes out the node that was added first. The queue is not empty.</summary>
    public MemoryNode TakeOldest()
    {
        MemoryNode oldest = _oldest ?? throw new InvalidOperationException("The queue is empty.");
        Remove(oldest);
        return oldest;
    }

    public void Remove(MemoryNode node)
    {
        if (node.Newer is null)
        {
            _newest = node.Older;
        }
        else
        {
            node.Newer.Older = node.Older;
        }

        if (node.Older is null)
        {
            _oldest = node.Newer;
        }
        else
        {
            node.Older.Newer = node.Newer;
        }

        node.Queue = null;
        node.Newer = node.Older = null;
        Count--;
        SizeBytes -= node.SizeBytes;
    }
}
