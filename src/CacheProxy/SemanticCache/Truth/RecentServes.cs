using System.Collections.Concurrent;
using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>The last time that each entry was served as a semantic hit, for whoever says afterwards that it was wrong. Bounded; the oldest leave.</summary>
internal sealed class RecentServes
{
    private const int Most = 20_000;

    private readonly ConcurrentDictionary<Fingerprint256, (SemanticTrial Trial, string Policy)> _serves = new();
    private readonly ConcurrentQueue<Fingerprint256> _order = new();

    public void Add(SemanticTrial trial, string policy)
    {
        if (_serves.TryAdd(trial.Entry, (trial, policy)))
        {
            _order.Enqueue(trial.Entry);
            while (_serves.Count > Most && _order.TryDequeue(out Fingerprint256 oldest))
            {
                _serves.TryRemove(oldest, out _);
            }
        }
        else
        {
            _serves[trial.Entry] = (trial, policy);
        }
    }

    public (SemanticTrial Trial, string Policy)? Find(Fingerprint256 entry) => _serves.TryGetValue(entry, out var known) ? known : null;
}
