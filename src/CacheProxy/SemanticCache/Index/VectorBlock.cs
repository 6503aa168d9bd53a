namespace CacheProxy.SemanticCache.Index;

/// <summary>
/// Up to <see cref="MaximumSlots"/> questions of one partition, structure of arrays, without holes: the scan runs over [0, Count).
/// Most partitions hold a handful of questions, so the arrays start at 4 slots and double; a full block is never copied again.
/// </summary>
public sealed class VectorBlock(int paddedLength)
{
    public const int MaximumSlots = 4096;

    private const int FirstSlots = 4;

    private readonly int _words = paddedLength / VectorQuantizer.Lane;
    private sbyte[] _codes = [];
    private ulong[] _sketches = [];
    private float[] _scales = [];
    private long[] _usableUntilTicks = [];
    private long[] _stamps = [];
    private IndexedQuestion[] _questions = [];

    public int Count { get; private set; }

    /// <summary>[Count, paddedLength].</summary>
    public ReadOnlySpan<sbyte> Codes => _codes.AsSpan(0, Count * paddedLength);

    /// <summary>[Count, paddedLength / 64].</summary>
    public ReadOnlySpan<ulong> Sketches => _sketches.AsSpan(0, Count * _words);

    public float Scale(int slot) => _scales[slot];

    public long UsableUntilTicks(int slot) => _usableUntilTicks[slot];

    /// <summary>Order of insertion over the whole index: larger is younger.</summary>
    public long Stamp(int slot) => _stamps[slot];

    public IndexedQuestion Question(int slot) => _questions[slot];

    public ReadOnlySpan<sbyte> CodesOf(int slot) => _codes.AsSpan(slot * paddedLength, paddedLength);

    /// <returns>The new, last slot; its vector is still to be written by <see cref="Write"/>.</returns>
    public int Append()
    {
        if (Count == _questions.Length)
        {
            Resize(Math.Min(MaximumSlots, Math.Max(FirstSlots, Count * 2)));
        }

        return Count++;
    }

    public void Write(int slot, IndexedQuestion question, ReadOnlySpan<float> vector, float norm, long stamp)
    {
        _scales[slot] = VectorQuantizer.QuantizeStored(
            vector, norm, _codes.AsSpan(slot * paddedLength, paddedLength), _sketches.AsSpan(slot * _words, _words));
        _usableUntilTicks[slot] = question.UsableUntil.UtcTicks;
        _stamps[slot] = stamp;
        _questions[slot] = question;
    }

    /// <summary>Overwrites a slot here with the last slot of another block (or of this one).</summary>
    public void MoveLastInto(VectorBlock target, int targetSlot)
    {
        int last = Count - 1;
        CodesOf(last).CopyTo(target._codes.AsSpan(targetSlot * paddedLength, paddedLength));
        _sketches.AsSpan(last * _words, _words).CopyTo(target._sketches.AsSpan(targetSlot * _words, _words));
        target._scales[targetSlot] = _scales[last];
        target._usableUntilTicks[targetSlot] = _usableUntilTicks[last];
        target._stamps[targetSlot] = _stamps[last];
        target._questions[targetSlot] = _questions[last];
    }

    public void DropLast()
    {
        Count--;
        _questions[Count] = null!;
    }

    private void Resize(int slots)
    {
        Array.Resize(ref _codes, slots * paddedLength);
        Array.Resize(ref _sketches, slots * _words);
        Array.Resize(ref _scales, slots);
        Array.Resize(ref _usableUntilTicks, slots);
        Array.Resize(ref _stamps, slots);
        Array.Resize(ref _questions, slots);
    }
}
