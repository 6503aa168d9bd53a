namespace CacheProxy.Inference.Gguf;

/// <summary>Scales and minimums of the eight blocks of 32 in a Q4_K or Q5_K super-block: 6 bits each in 12 bytes.</summary>
/// <remarks>
/// Bytes 0..3 and 4..7 hold scales and minimums of blocks 0..3 in their low six bits; the upper two bits of each complete the nibbles in
/// bytes 8..11, scale low and minimum high, of blocks 4..7.
/// </remarks>
internal static class KScales
{
    public const int Bytes = 12;

    public static (int Scale, int Minimum) Read(ReadOnlySpan<byte> packed, int block) => block < 4
        ? (packed[block] & 63, packed[block + 4] & 63)
        : ((packed[block + 4] & 15) | (packed[block - 4] >> 6 << 4), (packed[block + 4] >> 4) | (packed[block] >> 6 << 4));
}
