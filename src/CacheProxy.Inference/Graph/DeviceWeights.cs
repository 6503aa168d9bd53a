using System.Numerics.Tensors;

namespace CacheProxy.Inference.Graph;

/// <summary>Constants in the element type of a device: rounded to float16, or as they are.</summary>
internal static unsafe class DeviceWeights
{
    private const int Block = 32;

    public static NativeBuffer Convert(ReadOnlySpan<float> values, OnnxType type)
    {
        var target = new NativeBuffer(values.Length * (long)SizeOf(type));
        Convert(values, type, target.Bytes);
        return target;
    }

    /// <summary>Converts and gives the source back.</summary>
    public static NativeBuffer Convert(NativeBuffer source, OnnxType type)
    {
        if (type == OnnxType.Float)
        {
            return source;
        }

        using (source)
        {
            long count = source.ByteLength / sizeof(float);
            var target = new NativeBuffer(count * SizeOf(type));
            const int piece = 1 << 20;
            for (long at = 0; at < count; at += piece)
            {
                Convert(new ReadOnlySpan<float>(source.Floats + at, (int)Math.Min(piece, count - at)), type, target.Bytes + (at * SizeOf(type)));
            }

            return target;
        }
    }

    /// <summary>From [N/16, K/32, 16] of a packed projection to the [K/32, N] of an ordinary product.</summary>
    public static NativeBuffer ConvertOffsets(PackedProjection packed, OnnxType type)
    {
        const int group = PackedProjection.OffsetGroup;
        int blocks = packed.K / Block;
        using NativeBuffer source = packed.Offsets!;
        float[] row = new float[packed.N];
        var target = new NativeBuffer((long)blocks * packed.N * SizeOf(type));
        for (int block = 0; block < blocks; block++)
        {
            for (int n = 0; n < row.Length; n++)
            {
                row[n] = source.Floats[((((long)(n / group) * blocks) + block) * group) + (n % group)];
            }

            Convert(row, type, target.Bytes + ((long)block * packed.N * SizeOf(type)));
        }

        return target;
    }

    public static int SizeOf(OnnxType type) => type == OnnxType.Float ? sizeof(float) : sizeof(ushort);

    private static void Convert(ReadOnlySpan<float> values, OnnxType type, byte* target)
    {
        if (type == OnnxType.Float)
        {
            values.CopyTo(new Span<float>(target, values.Length));
        }
        else
        {
            TensorPrimitives.ConvertToHalf(values, new Span<Half>(target, values.Length));
        }
    }
}
