using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Gguf;

/// <summary>Q5_0: 32 weights in 22 bytes: float16 d, 32 fifth bits, 16 bytes of nibbles; w = d * (q - 16).</summary>
/// <remarks>The low nibble of byte j is weight j, the high one weight j + 16; fifth bit j belongs to weight j.</remarks>
internal static class Q5Zero
{
    public const int BlockBytes = 22;

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights)
    {
        Span<byte> codes = stackalloc byte[32];
        for (; blocks.Length >= BlockBytes; blocks = blocks[BlockBytes..], weights = weights[32..])
        {
            float scale = (float)MemoryMarshal.Read<Half>(blocks);
            FiveBits.Unpack(blocks[2..], blocks[6..], codes);
            for (int j = 0; j < 32; j++)
            {
                weights[j] = (codes[j] - FiveBits.Middle) * scale;
            }
        }
    }

    /// <summary>d * (q - 16) = d * ((q + 112) - 128).</summary>
    public static void Pack(ReadOnlySpan<byte> blocks, Span<byte> quants, Span<float> scales, Span<float> offsets)
    {
        for (int b = 0; b < scales.Length; b++, blocks = blocks[BlockBytes..], quants = quants[32..])
        {
            scales[b] = (float)MemoryMarshal.Read<Half>(blocks);
            FiveBits.Unpack(blocks[2..], blocks[6..], quants);
            FiveBits.ToMiddle(quants);
        }
    }
}
