using CacheProxy.Stores.Memory;

namespace CacheProxy.Benchmarks.Eviction;

/// <summary>Least recently used leaves first; or, with reads that change nothing, first in, first out. To compare with; not for several threads.</summary>
internal sealed class LruPolicy(bool readsCount = true) : IEvictionPolicy
{
    private readonly LinkedList<MemoryNode> _order = new();
    private readonly Dictionary<MemoryNode, LinkedListNode<MemoryNode>> _places = [];

    public long SizeBytes { get; private set; }

    public void OnHit(MemoryNode node)
    {
        if (readsCount)
        {
            LinkedListNode<MemoryNode> place = _places[node];
            _order.Remove(place);
            _order.AddLast(place);
        }
    }

    public void Add_NeedsLock(MemoryNode node, MemoryNode? replaced)
    {
        _places[node] = _order.AddLast(node);
        SizeBytes += node.SizeBytes;
    }

    public void Remove_NeedsLock(MemoryNode node)
    {
        if (_places.Remove(node, out LinkedListNode<MemoryNode>? place))
        {
            _order.Remove(place);
            SizeBytes -= node.SizeBytes;
        }
    }

    public MemoryNode Evict_NeedsLock()
    {
        MemoryNode oldest = _order.First!.Value;
        Remove_NeedsLock(oldest);
        return oldest;
    }
}
