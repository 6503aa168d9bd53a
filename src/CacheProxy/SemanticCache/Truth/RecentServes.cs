using System.Collections.Concurrent;
using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>The last time that each entry was served as a semantic hit, for whoever says afterwards that it was wrong. Bounded; the oldest leave.</summary>
internal sealed class RecentServes
{
    private const int Most = 20_000;

    private readonly ConcurrentDictionary<Fingerprint256, Serve> _serves = new();
    private readonly ConcurrentQueue<Fingerprint256> _order = new();

    public void Add(SemanticTrial trial, string policy)
    {
        if (_serves.TryAdd(trial.Entry, new Serve(trial, policy)))
        {
            _order.Enqueue(trial.Entry);
            while (_serves.Count > Most && _order.TryDequeue(out Fingerprint256 oldest))
            {
                _serves.TryRemove(oldest, out _);
            }
        }
        else
        {
            _serves[trial.Entry] = new Serve(trial, policy);
        }
    }

    public bool Has(Fingerprint256 entry) => _serves.ContainsKey(entry);

    /// <summary>Each serving has one vote for its answer: praise that is said again and again teaches nothing new. Against it everybody has one.</summary>
    /// <returns>Null: it was not served lately, or has had its vote.</returns>
    public (SemanticTrial Trial, string Policy)? Take(Fingerprint256 entry, bool isRight)
    {
        if (!_serves.TryGetValue(entry, out Serve? serve) || (isRight && Interlocked.Exchange(ref serve.Praised, 1) != 0))
        {
            return null;
        }

        return (serve.Trial, serve.Policy);
    }

    private sealed class Serve(SemanticTrial trial, string policy)
    {
        public int Praised;

        public SemanticTrial Trial => trial;

        public string Policy => policy;
    }
}
