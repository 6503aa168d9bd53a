using System.Runtime.InteropServices;
using CacheProxy.Exchange;

namespace CacheProxy.Ledger.Findings;

/// <summary>What was found since the last write, as sums. Bounded: what does not fit any more is left out until it is written. One caller at a time.</summary>
internal sealed class FindingsBatch
{
    private const int MostOfAKind = 4096;

    public Dictionary<(DateOnly, FindingScope, VolatileClass, long), (VolatilePrefix Sum, Fingerprint256 Request)> Prefixes { get; } = [];

    public Dictionary<(DateOnly, Fingerprint256, Fingerprint256), NearMissPair> NearMisses { get; } = [];

    public Dictionary<(DateOnly, FindingScope, int, long), ExpiredAnswers> Expired { get; } = [];

    public Dictionary<(DateOnly, FindingScope, string, string), long> Misses { get; } = [];

    public void Add(DateOnly day, VolatilePrefix? found, Fingerprint256 request)
    {
        if (found is null)
        {
            return;
        }

        (DateOnly, FindingScope, VolatileClass, long) key = (day, found.Scope, found.Class, found.Place);
        if (Takes(Prefixes, key))
        {
            Prefixes[key] = (Prefixes.TryGetValue(key, out (VolatilePrefix Sum, Fingerprint256) known) ? found + known.Sum : found, request);
        }
    }

    public void Add(DateOnly day, NearMissPair? found)
    {
        if (found is null)
        {
            return;
        }

        (DateOnly, Fingerprint256, Fingerprint256) key = (day, found.Asked, found.Stored);
        if (Takes(NearMisses, key))
        {
            NearMisses[key] = NearMisses.TryGetValue(key, out NearMissPair? known) ? found with { Count = known.Count + found.Count } : found;
        }
    }

    public void Add(DateOnly day, ExpiredAnswers? found)
    {
        if (found is null)
        {
            return;
        }

        (DateOnly, FindingScope, int, long) key = (day, found.Scope, found.TtlSeconds, found.AgeSeconds);
        if (Takes(Expired, key))
        {
            Expired[key] = Expired.TryGetValue(key, out ExpiredAnswers? known) ? found + known : found;
        }
    }

    public void Miss(DateOnly day, FindingScope scope, string kind, string reason)
    {
        (DateOnly, FindingScope, string, string) key = (day, scope, kind, reason);
        if (Takes(Misses, key))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(Misses, key, out _)++;
        }
    }

    private static bool Takes<TKey, TValue>(Dictionary<TKey, TValue> sums, TKey key) where TKey : notnull => sums.Count < MostOfAKind || sums.ContainsKey(key);
}
