using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CacheProxy.Inference.Graph;

/// <summary>
/// Blocks of 32 weights from GGUF's order to MatMulNBits': GGUF keeps weights j and j + 16 in byte j, MatMulNBits weights 2j and 2j + 1;
/// both low nibble first. Eight-bit weights become unsigned around 128.
/// </summary>
internal static unsafe class BlockPacking
{
    public static void PackQ4Zero(byte* source, int blocks, byte* weights, float* scales)
    {
        for (int b = 0; b < blocks; b++, source += 18, weights += 16)
        {
            scales[b] = (float)Unsafe.ReadUnaligned<Half>(source);
            Interleave(source + 2, weights);
        }
    }

    /// <param name="offsets">This row's place in its group of <see cref="PackedProjection.OffsetGroup"/>.</param>
    public static void PackQ4One(byte* source, int blocks, byte* weights, float* scales, float* offsets)
    {
        for (int b = 0; b < blocks; b++, source += 20, weights += 16)
        {
            float scale = (float)Unsafe.ReadUnaligned<Half>(source);
            scales[b] = scale;
            offsets[b * PackedProjection.OffsetGroup] = (float)Unsafe.ReadUnaligned<Half>(source + 2) + (8 * scale);
            Interleave(source + 4, weights);
        }
    }

    public static void PackQ8Zero(byte* source, int blocks, byte* weights, float* scales)
    {
        for (int b = 0; b < blocks; b++, source += 34, weights += 32)
        {
            scales[b] = (float)Unsafe.ReadUnaligned<Half>(source);
            (Vector256.Load(source + 2) ^ Vector256.Create((byte)0x80)).Store(weights);
        }
    }

    private static void Interleave(byte* source, byte* target)
    {
        Vector128<byte> packed = Vector128.Load(source);
        Vector128.Narrow(Pairs(packed & Vector128.Create((byte)15)), Pairs(packed >> 4)).Store(target);
    }

    /// <summary>Neighbouring nibbles, each in its own byte, into the low byte of each 16-bit lane.</summary>
    private static Vector128<ushort> Pairs(Vector128<byte> nibbles)
    {
        Vector128<ushort> pairs = nibbles.AsUInt16();
        return (pairs | (pairs >> 4)) & Vector128.Create((ushort)0xFF);
    }
}
