using System.Collections.Concurrent;
using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Policies.Learned;

/// <summary>
/// Which entries answer the same question: a question whose stored answer turned out right becomes another wording of that entry, so that what
/// is observed of either is known of both. Bounded: beyond it the oldest wordings stand for themselves again.
/// </summary>
internal sealed class WordingTable(int capacity)
{
    private readonly ConcurrentDictionary<Fingerprint256, Fingerprint256> _roots = new();
    private readonly ConcurrentQueue<Fingerprint256> _order = new();

    public Fingerprint256 RootOf(Fingerprint256 entry) => _roots.TryGetValue(entry, out Fingerprint256 root) ? root : entry;

    public void Join(Fingerprint256 wording, Fingerprint256 entry)
    {
        Fingerprint256 root = RootOf(entry);
        if (wording == root || !_roots.TryAdd(wording, root))
        {
            return;
        }

        _order.Enqueue(wording);
        while (_roots.Count > capacity && _order.TryDequeue(out Fingerprint256 oldest))
        {
            _roots.TryRemove(oldest, out _);
        }
    }

    public void Remove(Fingerprint256 entry) => _roots.TryRemove(entry, out _);
}
