using CacheProxy.Exchange;
using CacheProxy.Stores.Memory;

namespace CacheProxy.Benchmarks.Eviction;

/// <summary>
/// Three queues (S3-FIFO, Yang et al., SOSP 2023): newcomers wait in a small one and enter the main one only when read there, or when they
/// come back soon after having been dropped (the ghosts remember). To compare with; not for several threads.
/// </summary>
internal sealed class S3FifoPolicy(long sizeLimitBytes) : IEvictionPolicy
{
    private const int MostUses = 3;

    // A tenth, the paper's value.
    private readonly long _smallLimitBytes = sizeLimitBytes / 10;
    private readonly Queue<MemoryNode> _small = new();
    private readonly Queue<MemoryNode> _main = new();
    private readonly Queue<Fingerprint256> _ghostOrder = new();
    private readonly HashSet<Fingerprint256> _ghosts = [];
    private readonly Dictionary<MemoryNode, int> _uses = [];
    private long _smallBytes;

    public long SizeBytes { get; private set; }

    public void OnHit(MemoryNode node) => _uses[node] = Math.Min(_uses[node] + 1, MostUses);

    public void Add_NeedsLock(MemoryNode node, MemoryNode? replaced)
    {
        _uses[node] = 0;
        SizeBytes += node.SizeBytes;
        if (_ghosts.Remove(node.Entry.Fingerprint))
        {
            _main.Enqueue(node);
            return;
        }

        _small.Enqueue(node);
        _smallBytes += node.SizeBytes;
    }

    // Entries of a replay neither expire nor are replaced.
    public void Remove_NeedsLock(MemoryNode node) => throw new NotSupportedException();

    public MemoryNode Evict_NeedsLock()
    {
        while (true)
        {
            bool fromSmall = _main.Count == 0 || (_small.Count > 0 && _smallBytes >= _smallLimitBytes);
            MemoryNode node = (fromSmall ? _small : _main).Dequeue();
            _smallBytes -= fromSmall ? node.SizeBytes : 0;
            int uses = _uses[node];
            if (uses > 0)
            {
                _uses[node] = fromSmall ? 0 : uses - 1;
                _main.Enqueue(node);
                continue;
            }

            _uses.Remove(node);
            SizeBytes -= node.SizeBytes;
            if (fromSmall)
            {
                Remember(node.Entry.Fingerprint);
            }

            return node;
        }
    }

    private void Remember(Fingerprint256 fingerprint)
    {
        if (_ghosts.Add(fingerprint))
        {
            _ghostOrder.Enqueue(fingerprint);
        }

        while (_ghostOrder.Count > Math.Max(_main.Count + _small.Count, 64))
        {
            _ghosts.Remove(_ghostOrder.Dequeue());
        }
    }
}
