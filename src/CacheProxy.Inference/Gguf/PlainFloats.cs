using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Gguf;

/// <summary>F32, F16 and BF16: one weight after the other, little endian.</summary>
internal static class PlainFloats
{
    public static void FromSingle(ReadOnlySpan<byte> source, Span<float> weights) =>
        MemoryMarshal.Cast<byte, float>(source).CopyTo(weights);

    public static void FromHalf(ReadOnlySpan<byte> source, Span<float> weights) =>
        TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), weights);

    /// <summary>A bfloat16 is the upper half of a float.</summary>
    public static void FromBrain(ReadOnlySpan<byte> source, Span<float> weights)
    {
        ReadOnlySpan<ushort> upper = MemoryMarshal.Cast<byte, ushort>(source);
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(weights);
        for (int i = 0; i < upper.Length; i++)
        {
            bits[i] = (uint)upper[i] << 16;
        }
    }
}
