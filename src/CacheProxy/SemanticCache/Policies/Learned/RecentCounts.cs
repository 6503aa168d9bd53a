using System.Collections.Concurrent;
using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Policies.Learned;

/// <summary>How often something happened lately, by fingerprint. Bounded; what came first leaves first.</summary>
internal sealed class RecentCounts(int capacity)
{
    private readonly ConcurrentDictionary<Fingerprint256, int> _counts = new();
    private readonly ConcurrentQueue<Fingerprint256> _order = new();

    public int CountOf(Fingerprint256 key) => _counts.TryGetValue(key, out int count) ? count : 0;

    public void Add(Fingerprint256 key)
    {
        if (key == default || _counts.AddOrUpdate(key, 1, static (_, count) => count + 1) != 1)
        {
            return;
        }

        _order.Enqueue(key);
        while (_order.Count > capacity && _order.TryDequeue(out Fingerprint256 oldest))
        {
            _counts.TryRemove(oldest, out _);
        }
    }

    public void Clear(Fingerprint256 key) => _counts.TryRemove(key, out _);
}
