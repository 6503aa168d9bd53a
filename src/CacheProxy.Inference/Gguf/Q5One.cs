using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Gguf;

/// <summary>Q5_1: 32 weights in 24 bytes: float16 d, float16 m, 32 fifth bits, 16 bytes of nibbles; w = d * q + m.</summary>
/// <remarks>The low nibble of byte j is weight j, the high one weight j + 16; fifth bit j belongs to weight j.</remarks>
internal static class Q5One
{
    public const int BlockBytes = 24;

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights)
    {
        Span<byte> codes = stackalloc byte[32];
        for (; blocks.Length >= BlockBytes; blocks = blocks[BlockBytes..], weights = weights[32..])
        {
            float scale = (float)MemoryMarshal.Read<Half>(blocks), minimum = (float)MemoryMarshal.Read<Half>(blocks[2..]);
            FiveBits.Unpack(blocks[4..], blocks[8..], codes);
            for (int j = 0; j < 32; j++)
            {
                weights[j] = (codes[j] * scale) + minimum;
            }
        }
    }

    /// <summary>d * q + m = d * ((q + 112) - 128) + (m + 16d).</summary>
    public static void Pack(ReadOnlySpan<byte> blocks, Span<byte> quants, Span<float> scales, Span<float> offsets)
    {
        for (int b = 0; b < scales.Length; b++, blocks = blocks[BlockBytes..], quants = quants[32..])
        {
            scales[b] = (float)MemoryMarshal.Read<Half>(blocks);
            offsets[b] = (float)MemoryMarshal.Read<Half>(blocks[2..]) + (FiveBits.Middle * scales[b]);
            FiveBits.Unpack(blocks[4..], blocks[8..], quants);
            FiveBits.ToMiddle(quants);
        }
    }
}
