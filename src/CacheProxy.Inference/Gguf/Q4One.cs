using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Gguf;

/// <summary>Q4_1: 32 weights in 20 bytes: float16 d, float16 m, 16 bytes of nibbles; w = d * q + m.</summary>
/// <remarks>The low nibble of byte j is weight j, the high one weight j + 16.</remarks>
internal static class Q4One
{
    public const int BlockBytes = 20;

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights)
    {
        for (; blocks.Length >= BlockBytes; blocks = blocks[BlockBytes..], weights = weights[32..])
        {
            float scale = (float)MemoryMarshal.Read<Half>(blocks);
            float minimum = (float)MemoryMarshal.Read<Half>(blocks[2..]);
            for (int j = 0; j < 16; j++)
            {
                weights[j] = ((blocks[4 + j] & 15) * scale) + minimum;
                weights[j + 16] = ((blocks[4 + j] >> 4) * scale) + minimum;
            }
        }
    }

    /// <summary>d * q + m = d * (q - 8) + (m + 8d).</summary>
    public static void Pack(ReadOnlySpan<byte> blocks, Span<byte> quants, Span<float> scales, Span<float> offsets)
    {
        for (int b = 0; b < scales.Length; b++, blocks = blocks[BlockBytes..], quants = quants[16..])
        {
            float scale = (float)MemoryMarshal.Read<Half>(blocks);
            scales[b] = scale;
            offsets[b] = (float)MemoryMarshal.Read<Half>(blocks[2..]) + (8 * scale);
            NibblePairs.Pack(blocks[4..], quants);
        }
    }
}
