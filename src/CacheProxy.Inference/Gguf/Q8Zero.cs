using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CacheProxy.Inference.Gguf;

/// <summary>Q8_0: 32 weights in 34 bytes: float16 d, 32 signed bytes; w = d * q.</summary>
internal static class Q8Zero
{
    public const int BlockBytes = 34;

    public static void Dequantize(ReadOnlySpan<byte> blocks, Span<float> weights)
    {
        for (; blocks.Length >= BlockBytes; blocks = blocks[BlockBytes..], weights = weights[32..])
        {
            float scale = (float)MemoryMarshal.Read<Half>(blocks);
            ReadOnlySpan<sbyte> values = MemoryMarshal.Cast<byte, sbyte>(blocks.Slice(2, 32));
            for (int j = 0; j < 32; j++)
            {
                weights[j] = values[j] * scale;
            }
        }
    }

    /// <summary>Signed weights become unsigned around 128.</summary>
    public static void Pack(ReadOnlySpan<byte> blocks, Span<byte> quants, Span<float> scales, Span<float> offsets)
    {
        for (int b = 0; b < scales.Length; b++, blocks = blocks[BlockBytes..], quants = quants[32..])
        {
            scales[b] = (float)MemoryMarshal.Read<Half>(blocks);
            (Vector256.Create(blocks[2..]) ^ Vector256.Create((byte)0x80)).CopyTo(quants);
        }
    }
}
