using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Index;

/// <summary>
/// Up to <see cref="MaximumSlots"/> questions of one partition in the order of their insertion, structure of arrays. One writer at a time;
/// readers need no lock, because a slot is written once, before <see cref="Count"/> tells of it, and from then on it can only die.
/// </summary>
public sealed class VectorBlock
{
    public const int MaximumSlots = 4096;

    /// <summary>Bytes of a slot beside codes, sign bits and text: scale, end of use, stamp, fingerprint.</summary>
    public const int SlotBytes = sizeof(float) + sizeof(long) + sizeof(uint) + Fingerprint256.SizeBytes;

    // Most partitions hold a handful of questions.
    private const int FirstSlots = 4;

    private readonly int _paddedLength;
    private readonly int _words;
    private readonly long _firstStamp;
    private readonly sbyte[] _codes;
    private readonly ulong[] _sketches;
    private readonly float[] _scales;
    private readonly long[] _usableUntilTicks;
    private readonly uint[] _stamps;
    private readonly Fingerprint256[] _fingerprints;
    private readonly string?[] _texts;
    private int _count;
    private int _firstAlive;

    /// <param name="paddedLength">Components of a vector, padded.</param>
    /// <param name="firstStamp">No stamp written here may be smaller, or larger by 2^32.</param>
    public VectorBlock(int paddedLength, long firstStamp)
        : this(paddedLength, firstStamp, FirstSlots)
    {
    }

    private VectorBlock(int paddedLength, long firstStamp, int slots)
    {
        _paddedLength = paddedLength;
        _words = paddedLength / VectorQuantizer.Lane;
        _firstStamp = firstStamp;
        _codes = new sbyte[slots * paddedLength];
        _sketches = new ulong[slots * _words];
        _scales = new float[slots];
        _usableUntilTicks = new long[slots];
        _stamps = new uint[slots];
        _fingerprints = new Fingerprint256[slots];
        _texts = new string?[slots];
    }

    /// <summary>Slots written, dead ones among them.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Slots that died; known to the writer.</summary>
    public int Dead { get; private set; }

    public int Alive => _count - Dead;

    public bool IsFull => _count == _scales.Length;

    /// <summary>It can grow into a block that holds more and takes the stamp.</summary>
    public bool CanTake(long stamp) => _count < MaximumSlots && stamp - _firstStamp < uint.MaxValue;

    /// <summary>[count, paddedLength / 64].</summary>
    public ReadOnlySpan<ulong> Sketches(int count) => _sketches.AsSpan(0, count * _words);

    /// <summary>[count, paddedLength] from a slot on.</summary>
    public ReadOnlySpan<sbyte> Codes(int slot, int count) => _codes.AsSpan(slot * _paddedLength, count * _paddedLength);

    public float Scale(int slot) => _scales[slot];

    /// <summary>0 for a dead slot.</summary>
    public long UsableUntilTicks(int slot) => Volatile.Read(ref _usableUntilTicks[slot]);

    /// <summary>Order of insertion over the whole index: larger is younger.</summary>
    public long Stamp(int slot) => _firstStamp + _stamps[slot];

    public Fingerprint256 Fingerprint(int slot) => _fingerprints[slot];

    /// <summary>Null where it has died since it was found.</summary>
    public IndexedQuestion? Read(int slot, Fingerprint256 partition)
    {
        long until = UsableUntilTicks(slot);
        return Volatile.Read(ref _texts[slot]) is { } text && until != 0
            ? new IndexedQuestion(partition, _fingerprints[slot], text, new DateTimeOffset(until, TimeSpan.Zero))
            : null;
    }

    /// <summary>Writes the next slot; there must be room.</summary>
    /// <returns>The slot.</returns>
    public int Append(IndexedQuestion question, ReadOnlySpan<float> vector, float norm, SignSketch sketch, long stamp)
    {
        int slot = _count;
        _scales[slot] = VectorQuantizer.QuantizeStored(vector, norm, _codes.AsSpan(slot * _paddedLength, _paddedLength));
        sketch.Write(vector, _sketches.AsSpan(slot * _words, _words));
        _usableUntilTicks[slot] = Math.Max(1, question.UsableUntil.UtcTicks);
        _stamps[slot] = (uint)(stamp - _firstStamp);
        _fingerprints[slot] = question.Fingerprint;
        _texts[slot] = question.Text;
        Volatile.Write(ref _count, slot + 1);
        return slot;
    }

    /// <summary>Makes a slot unfindable and lets its text go.</summary>
    public void Kill(int slot)
    {
        Volatile.Write(ref _usableUntilTicks[slot], 0);
        Volatile.Write(ref _texts[slot], null);
        Dead++;
    }

    /// <summary>The oldest slot that is alive, or -1.</summary>
    public int OldestAlive()
    {
        while (_firstAlive < _count && _usableUntilTicks[_firstAlive] == 0)
        {
            _firstAlive++;
        }

        return _firstAlive < _count ? _firstAlive : -1;
    }

    /// <summary>A block with room for more, with everything that is alive here, in order. This one is left as it is, for whoever still reads it.</summary>
    public VectorBlock Grown() => CopyAlive(Math.Min(MaximumSlots, Math.Max(FirstSlots, Alive + Math.Max(FirstSlots, Alive / 2))));

    /// <summary>A block of those that are alive, without room for more.</summary>
    public VectorBlock Compacted() => CopyAlive(Alive);

    private VectorBlock CopyAlive(int slots)
    {
        var copy = new VectorBlock(_paddedLength, _firstStamp, slots);
        for (int from = 0; from < _count;)
        {
            int length = RunOfAlive(from);
            if (length > 0)
            {
                CopyRun(from, length, copy);
            }

            from += length + 1;
        }

        return copy;
    }

    private int RunOfAlive(int from)
    {
        int to = from;
        while (to < _count && _usableUntilTicks[to] != 0)
        {
            to++;
        }

        return to - from;
    }

    private void CopyRun(int from, int length, VectorBlock copy)
    {
        int to = copy._count;
        Array.Copy(_codes, from * _paddedLength, copy._codes, to * _paddedLength, length * _paddedLength);
        Array.Copy(_sketches, from * _words, copy._sketches, to * _words, length * _words);
        Array.Copy(_scales, from, copy._scales, to, length);
        Array.Copy(_usableUntilTicks, from, copy._usableUntilTicks, to, length);
        Array.Copy(_stamps, from, copy._stamps, to, length);
        Array.Copy(_fingerprints, from, copy._fingerprints, to, length);
        Array.Copy(_texts, from, copy._texts, to, length);
        copy._count = to + length;
    }
}
