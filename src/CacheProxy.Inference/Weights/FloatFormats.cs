using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Weights;

/// <summary>Floats of one, two and four bytes, little endian, to float32; each is exact.</summary>
internal static class FloatFormats
{
    /// <summary>e4m3 has one NaN of each sign, no infinity, and subnormals of 1/512.</summary>
    private static readonly float[] Float8 = [.. Enumerable.Range(0, 256).Select(bits => FromFloat8((byte)bits))];

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

    /// <summary>float8_e4m3fn: sign, four bits of exponent around 7, three of fraction.</summary>
    public static void FromFloat8(ReadOnlySpan<byte> source, Span<float> weights)
    {
        for (int i = 0; i < source.Length; i++)
        {
            weights[i] = Float8[source[i]];
        }
    }

    private static float FromFloat8(byte bits)
    {
        int exponent = (bits >> 3) & 15, fraction = bits & 7;
        float magnitude = (exponent, fraction) switch
        {
            (15, 7) => float.NaN,
            (0, _) => MathF.ScaleB(fraction, -9),
            _ => MathF.ScaleB(8 + fraction, exponent - 10),
        };
        return (bits & 0x80) == 0 ? magnitude : -magnitude;
    }
}
