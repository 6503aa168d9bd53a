namespace CacheProxy.PrefixTag;

/// <summary>
/// What is known of prompts' beginnings at one upstream, by boundary id. Bounded: those that were in use stay, in two generations, of which the older is dropped whole when the
/// younger has its half of the room; about 60 bytes each. Belongs to the lock on it.
/// </summary>
internal sealed class KnownBeginnings
{
    private Dictionary<UInt128, KnownBeginning> _young = [];
    private Dictionary<UInt128, KnownBeginning> _old = [];

    /// <summary>What was last used then, or before, had to make room.</summary>
    public long GoneUntil { get; set; }

    public int Count => _young.Count + _old.Count;

    public bool TryFind(UInt128 id, out KnownBeginning known) => _young.TryGetValue(id, out known) || _old.TryGetValue(id, out known);

    public void Set(UInt128 id, in KnownBeginning known, int limit)
    {
        _young[id] = known;
        if (_young.Count > limit / 2)
        {
            (_young, _old) = (_old, _young);
            _young.Clear();
        }
    }
}
