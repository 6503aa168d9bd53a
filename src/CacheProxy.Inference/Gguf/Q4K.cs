using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Gguf;

/// <summary>
/// Q4_K: 256 weights in 144 bytes: float16 d, float16 dmin, <see cref="KScales"/>, 128 bytes of nibbles; in block b of 32,
/// w = d * scale[b] * q - dmin * minimum[b].
/// </summary>
/// <remarks>32 bytes hold two blocks, the first in their low nibbles.</remarks>
internal static class Q4K
{
    public const int BlockWeights = 256, BlockBytes = 144;

    private const int Nibbles = 4 + KScales.Bytes;

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights)
    {
        for (; blocks.Length >= BlockBytes; blocks = blocks[BlockBytes..], weights = weights[BlockWeights..])
        {
            for (int b = 0; b < 8; b++)
            {
                (float scale, float minimum) = Scale(blocks, b);
                ReadOnlySpan<byte> nibbles = blocks.Slice(Nibbles + (b / 2 * 32), 32);
                for (int j = 0; j < 32; j++)
                {
                    weights[(b * 32) + j] = (scale * (b % 2 == 0 ? nibbles[j] & 15 : nibbles[j] >> 4)) - minimum;
                }
            }
        }
    }

    /// <summary>d * scale * q - dmin * minimum = d * scale * (q - 8) + (8 * d * scale - dmin * minimum).</summary>
    public static void Pack(ReadOnlySpan<byte> blocks, Span<byte> quants, Span<float> scales, Span<float> offsets)
    {
        for (int block = 0; block < scales.Length; block++, quants = quants[16..])
        {
            ReadOnlySpan<byte> super = blocks.Slice(block / 8 * BlockBytes, BlockBytes);
            int b = block % 8;
            (float scale, float minimum) = Scale(super, b);
            (scales[block], offsets[block]) = (scale, (8 * scale) - minimum);
            NibblePairs.PackHalf(super.Slice(Nibbles + (b / 2 * 32), 32), high: b % 2 == 1, quants);
        }
    }

    private static (float Scale, float Minimum) Scale(ReadOnlySpan<byte> super, int block)
    {
        (int scale, int minimum) = KScales.Read(super[4..], block);
        return ((float)MemoryMarshal.Read<Half>(super) * scale, (float)MemoryMarshal.Read<Half>(super[2..]) * minimum);
    }
}
