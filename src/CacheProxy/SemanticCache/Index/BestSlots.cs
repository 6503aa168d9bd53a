namespace CacheProxy.SemanticCache.Index;

/// <summary>The best few of a scan, best first, in a buffer that the caller owns. Ties keep the one found first.</summary>
public ref struct BestSlots(Span<ScoredSlot> buffer, float minimum)
{
    private readonly Span<ScoredSlot> _buffer = buffer;
    private readonly float _minimum = minimum;

    public int Count { get; private set; }

    /// <summary>A similarity below this changes nothing; at it only while there is room.</summary>
    public readonly bool Wants(float similarity)
        => similarity >= _minimum && (Count < _buffer.Length || similarity > _buffer[^1].Similarity);

    /// <summary>Only after <see cref="Wants"/> said yes.</summary>
    public void Add(ScoredSlot slot)
    {
        int at = Count < _buffer.Length ? Count++ : Count - 1;
        for (; at > 0 && _buffer[at - 1].Similarity < slot.Similarity; at--)
        {
            _buffer[at] = _buffer[at - 1];
        }

        _buffer[at] = slot;
    }
}
