using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Policies.Learned;

/// <summary>
/// Which entries answer the same question: a question whose stored answer turned out right becomes another wording of that entry, so that what
/// is observed of either is known of both. Bounded: beyond it the oldest wordings stand for themselves again. Safe for many threads.
/// </summary>
internal sealed class WordingTable(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Fingerprint256, Fingerprint256> _roots = [];
    private readonly Dictionary<Fingerprint256, List<Fingerprint256>> _wordings = [];
    private readonly Queue<Fingerprint256> _order = new();

    public Fingerprint256 RootOf(Fingerprint256 entry)
    {
        lock (_lock)
        {
            return _roots.GetValueOrDefault(entry, entry);
        }
    }

    public void Join(Fingerprint256 wording, Fingerprint256 entry)
    {
        lock (_lock)
        {
            Fingerprint256 root = _roots.GetValueOrDefault(entry, entry);
            if (wording == root || !_roots.TryAdd(wording, root))
            {
                return;
            }

            (_wordings.TryGetValue(root, out List<Fingerprint256>? known) ? known : _wordings[root] = []).Add(wording);
            _order.Enqueue(wording);
            while (_roots.Count > capacity && _order.TryDequeue(out Fingerprint256 oldest))
            {
                Leave_NeedsLock(oldest);
            }

            // Those that left by Remove stay queued until their turn: never many more than there is room for.
            if (_order.Count > 2 * capacity)
            {
                Compact_NeedsLock();
            }
        }
    }

    /// <summary>The entry is gone. It is no wording of another any more, and its own wordings stand for themselves: what takes its place may answer otherwise.</summary>
    public void Remove(Fingerprint256 entry)
    {
        lock (_lock)
        {
            Leave_NeedsLock(entry);
            if (_wordings.Remove(entry, out List<Fingerprint256>? orphans))
            {
                orphans.ForEach(orphan => _roots.Remove(orphan));
            }
        }
    }

    private void Leave_NeedsLock(Fingerprint256 wording)
    {
        if (_roots.Remove(wording, out Fingerprint256 root) && _wordings.TryGetValue(root, out List<Fingerprint256>? others) && others.Remove(wording) && others.Count == 0)
        {
            _wordings.Remove(root);
        }
    }

    private void Compact_NeedsLock()
    {
        Fingerprint256[] kept = [.. _order.Where(_roots.ContainsKey).Distinct()];
        _order.Clear();
        Array.ForEach(kept, _order.Enqueue);
    }
}
