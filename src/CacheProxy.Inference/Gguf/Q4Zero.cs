using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Gguf;

/// <summary>Q4_0: 32 weights in 18 bytes: float16 d, 16 bytes of nibbles; w = d * (q - 8).</summary>
/// <remarks>The low nibble of byte j is weight j, the high one weight j + 16.</remarks>
internal static class Q4Zero
{
    public const int BlockBytes = 18;

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights)
    {
        for (; blocks.Length >= BlockBytes; blocks = blocks[BlockBytes..], weights = weights[32..])
        {
            float scale = (float)MemoryMarshal.Read<Half>(blocks);
            for (int j = 0; j < 16; j++)
            {
                weights[j] = ((blocks[2 + j] & 15) - 8) * scale;
                weights[j + 16] = ((blocks[2 + j] >> 4) - 8) * scale;
            }
        }
    }

    /// <inheritdoc cref="BlockForm.PackBlocks"/>
    public static void Pack(ReadOnlySpan<byte> blocks, Span<byte> quants, Span<float> scales, Span<float> offsets)
    {
        for (int b = 0; b < scales.Length; b++, blocks = blocks[BlockBytes..], quants = quants[16..])
        {
            scales[b] = (float)MemoryMarshal.Read<Half>(blocks);
            NibblePairs.Pack(blocks[2..], quants);
        }
    }
}
