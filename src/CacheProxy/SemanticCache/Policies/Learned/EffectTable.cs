using System.Collections.Concurrent;
using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Policies.Learned;

/// <summary>The effects of entries or of partitions. Bounded: beyond it those that were learned of longest ago are forgotten, and count as new.</summary>
/// <param name="variance">How much a new one may differ.</param>
/// <param name="capacity">How many are remembered; each takes about 150 bytes.</param>
internal sealed class EffectTable(double variance, int capacity)
{
    private readonly ConcurrentDictionary<Fingerprint256, (Effect Effect, long Turn)> _effects = new();
    private long _turn;

    public int Count => _effects.Count;

    public Effect Of(Fingerprint256 key) => _effects.TryGetValue(key, out var known) ? known.Effect : new Effect(0, variance, 0);

    /// <summary>One caller at a time.</summary>
    public void Set(Fingerprint256 key, Effect effect)
    {
        _effects[key] = (effect, ++_turn);
        if (_effects.Count > capacity)
        {
            Forget();
        }
    }

    public void Remove(Fingerprint256 key) => _effects.TryRemove(key, out _);

    // An eighth at once, so that sorting is paid for once in a while.
    private void Forget()
    {
        foreach (Fingerprint256 key in _effects.OrderBy(pair => pair.Value.Turn).Take(Math.Max(1, capacity / 8)).Select(pair => pair.Key).ToArray())
        {
            _effects.TryRemove(key, out _);
        }
    }
}
