using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Gguf;

/// <summary>
/// Q5_K: 256 weights in 176 bytes: float16 d, float16 dmin, <see cref="KScales"/>, 32 bytes of fifth bits, 128 bytes of nibbles; in block b
/// of 32, w = d * scale[b] * q - dmin * minimum[b].
/// </summary>
/// <remarks>32 bytes of nibbles hold two blocks, the first in their low nibbles; bit b of fifth-bit byte j belongs to weight j of block b.</remarks>
internal static class Q5K
{
    public const int BlockWeights = 256, BlockBytes = 176;

    private const int High = 4 + KScales.Bytes, Nibbles = High + 32;

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights)
    {
        Span<byte> codes = stackalloc byte[32];
        for (; blocks.Length >= BlockBytes; blocks = blocks[BlockBytes..], weights = weights[BlockWeights..])
        {
            for (int b = 0; b < 8; b++)
            {
                (float scale, float minimum) = Unpack(blocks, b, codes);
                for (int j = 0; j < 32; j++)
                {
                    weights[(b * 32) + j] = (scale * codes[j]) - minimum;
                }
            }
        }
    }

    /// <summary>d * scale * q - dmin * minimum = d * scale * ((q + 112) - 128) + (16 * d * scale - dmin * minimum).</summary>
    public static void Pack(ReadOnlySpan<byte> blocks, Span<byte> quants, Span<float> scales, Span<float> offsets)
    {
        for (int block = 0; block < scales.Length; block++, quants = quants[32..])
        {
            (float scale, float minimum) = Unpack(blocks.Slice(block / 8 * BlockBytes, BlockBytes), block % 8, quants);
            (scales[block], offsets[block]) = (scale, (FiveBits.Middle * scale) - minimum);
            FiveBits.ToMiddle(quants);
        }
    }

    private static (float Scale, float Minimum) Unpack(ReadOnlySpan<byte> super, int block, Span<byte> codes)
    {
        ReadOnlySpan<byte> high = super.Slice(High, 32), nibbles = super.Slice(Nibbles + (block / 2 * 32), 32);
        for (int j = 0; j < 32; j++)
        {
            codes[j] = (byte)((block % 2 == 0 ? nibbles[j] & 15 : nibbles[j] >> 4) | ((high[j] >> block << 4) & 16));
        }

        (int scale, int minimum) = KScales.Read(super[4..], block);
        return ((float)MemoryMarshal.Read<Half>(super) * scale, (float)MemoryMarshal.Read<Half>(super[2..]) * minimum);
    }
}
