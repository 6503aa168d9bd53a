namespace CacheProxy.Inference.Constraints;

/// <summary>A set of byte values.</summary>
internal readonly record struct ByteSet(ulong Bits0, ulong Bits1, ulong Bits2, ulong Bits3)
{
    public static ByteSet Of(ReadOnlySpan<byte> values)
    {
        ByteSet set = default;
        foreach (byte value in values)
        {
            set = set.Union(Range(value, value));
        }

        return set;
    }

    /// <summary>Both bounds included.</summary>
    public static ByteSet Range(int first, int last)
    {
        Span<ulong> bits = stackalloc ulong[4];
        for (int value = first; value <= last; value++)
        {
            bits[value >> 6] |= 1UL << (value & 63);
        }

        return new ByteSet(bits[0], bits[1], bits[2], bits[3]);
    }

    public bool IsEmpty => (Bits0 | Bits1 | Bits2 | Bits3) == 0;

    public bool Contains(byte value) => (((value >> 6) switch { 0 => Bits0, 1 => Bits1, 2 => Bits2, _ => Bits3 } >> (value & 63)) & 1) != 0;

    public ByteSet Union(ByteSet other) => new(Bits0 | other.Bits0, Bits1 | other.Bits1, Bits2 | other.Bits2, Bits3 | other.Bits3);

    public ByteSet Except(ByteSet other) => new(Bits0 & ~other.Bits0, Bits1 & ~other.Bits1, Bits2 & ~other.Bits2, Bits3 & ~other.Bits3);

    public ByteSet Intersect(ByteSet other) => new(Bits0 & other.Bits0, Bits1 & other.Bits1, Bits2 & other.Bits2, Bits3 & other.Bits3);
}
