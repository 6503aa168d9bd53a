namespace CacheProxy.Inference.Prefix;

/// <summary>
/// Remembers blocks that are gone: how often they had been found again, and since when they are gone. A bounded ring, the oldest
/// forgotten first; some 90 bytes each, no tokens.
/// </summary>
internal sealed class BlockHistory(int capacity)
{
    private readonly Dictionary<BlockKey, Past> _past = new(Math.Min(capacity, 4096));
    private readonly Queue<(BlockKey Key, long GoneAt)> _order = new(Math.Min(capacity, 4096));

    public readonly record struct Past(int Uses, long GoneAt);

    public int Count => _past.Count;

    /// <param name="goneAt">Timestamp; must not run backwards.</param>
    public void Add(BlockKey key, int uses, long goneAt)
    {
        _past[key] = new Past(uses, goneAt);
        _order.Enqueue((key, goneAt));
        while (_order.Count > capacity)
        {
            (BlockKey oldest, long at) = _order.Dequeue();
            // A block that came back and went again has a younger place in the ring.
            if (_past.TryGetValue(oldest, out Past past) && past.GoneAt == at)
            {
                _past.Remove(oldest);
            }
        }
    }

    public bool TryFind(BlockKey key, out Past past) => _past.TryGetValue(key, out past);

    /// <summary>The block is back.</summary>
    public bool TryTake(BlockKey key, out Past past) => _past.Remove(key, out past);

    public void Clear()
    {
        _past.Clear();
        _order.Clear();
    }
}
