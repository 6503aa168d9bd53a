using CacheProxy.Stores.Memory;

namespace CacheProxy.Benchmarks.Eviction;

/// <summary>
/// The node of the least key leaves first, in exact order: by uses alone (least frequently used, the older first), or by GreedyDual-Size-Frequency
/// (Cherkasova 1998), uses × value per byte above the key of the last that left. To compare with; not for several threads.
/// </summary>
internal sealed class OrderedPolicy(bool isGreedyDual) : IEvictionPolicy
{
    private readonly SortedSet<(double Key, long Serial, MemoryNode Node)> _order = new(Comparer<(double Key, long Serial, MemoryNode Node)>.Create(
        static (left, right) => left.Key.CompareTo(right.Key) is var order and not 0 ? order : left.Serial.CompareTo(right.Serial)));

    private readonly Dictionary<MemoryNode, (double Key, long Serial, int Uses)> _places = [];
    private double _floor;
    private long _serial;

    public long SizeBytes { get; private set; }

    public void OnHit(MemoryNode node)
    {
        (double key, long serial, int uses) = _places[node];
        _order.Remove((key, serial, node));
        Place(node, uses + 1);
    }

    public void Add_NeedsLock(MemoryNode node, MemoryNode? replaced)
    {
        Place(node, 1);
        SizeBytes += node.SizeBytes;
    }

    public void Remove_NeedsLock(MemoryNode node)
    {
        if (_places.Remove(node, out (double Key, long Serial, int Uses) place))
        {
            _order.Remove((place.Key, place.Serial, node));
            SizeBytes -= node.SizeBytes;
        }
    }

    public MemoryNode Evict_NeedsLock()
    {
        (double key, _, MemoryNode least) = _order.Min;
        _floor = isGreedyDual ? key : 0;
        Remove_NeedsLock(least);
        return least;
    }

    private void Place(MemoryNode node, int uses)
    {
        double key = isGreedyDual ? _floor + (uses * node.ValuePerByte) : uses;
        _places[node] = (key, ++_serial, uses);
        _order.Add((key, _serial, node));
    }
}
