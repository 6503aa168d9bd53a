using CacheProxy.Inference.Gguf;

namespace CacheProxy.Inference.Graph;

/// <summary>Rearranges a GGUF matrix, or several with the same input stacked by rows, into a <see cref="PackedProjection"/>.</summary>
/// <remarks>
/// Q4_1 (w = d*q + m) has no fast counterpart in MatMulNBits: float zero points take a path 40 times slower. It is exact as
/// d*(q - 8), the symmetric form that is fast, plus (m + 8d) times the sum of the inputs of the block: <see cref="PackedProjection.Offsets"/>.
/// </remarks>
internal static unsafe class ProjectionPacker
{
    private const int Block = 32, OffsetGroup = PackedProjection.OffsetGroup;

    /// <summary>Rows packed by one parallel task: whole cache lines of <see cref="PackedProjection.Offsets"/>.</summary>
    private const int RowsPerTask = 64;

    /// <summary>Whether the tensors can share one product: block formats of the same width, or plain floats.</summary>
    public static bool CanStack(IEnumerable<GgufTensor> tensors) => tensors.Select(tensor => Bits(tensor.Type)).Distinct().Count() == 1;

    /// <exception cref="GgufFormatException">A weight format without code, or inputs of different length.</exception>
    public static PackedProjection Pack(GgufFile file, params GgufTensor[] tensors)
    {
        // Before the parallel loops, which would wrap the error.
        Array.ForEach(tensors, tensor => file.DequantizerOf(tensor));
        int k = tensors[0].Columns, n = tensors.Sum(tensor => tensor.Rows);
        int bits = Bits(tensors[0].Type);
        return bits == 32 ? PackFloats(file, tensors, k, n) : PackBlocks(file, tensors, k, n, bits);
    }

    private static int Bits(GgufTensorType type) => type switch
    {
        GgufTensorType.Q4_0 or GgufTensorType.Q4_1 => 4,
        GgufTensorType.Q8_0 => 8,
        _ => 32,
    };

    private static PackedProjection PackBlocks(GgufFile file, GgufTensor[] tensors, int k, int n, int bits)
    {
        int blocks = k / Block;
        var weights = new NativeBuffer((long)n * blocks * bits * 4);
        var scales = new NativeBuffer((long)n * blocks * sizeof(float));
        int groups = (n + OffsetGroup - 1) / OffsetGroup;
        NativeBuffer? offsets = tensors.Any(tensor => tensor.Type == GgufTensorType.Q4_1) ? new NativeBuffer((long)groups * OffsetGroup * blocks * sizeof(float)) : null;
        int first = 0;
        foreach (GgufTensor tensor in tensors)
        {
            int start = first;
            Parallel.For(0, (tensor.Rows + RowsPerTask - 1) / RowsPerTask, task =>
            {
                for (int row = task * RowsPerTask; row < Math.Min(tensor.Rows, (task + 1) * RowsPerTask); row++)
                {
                    long at = (long)(start + row) * blocks;
                    fixed (byte* source = file.GetRows(tensor, row, 1))
                    {
                        byte* target = weights.Bytes + (at * bits * 4);
                        switch (tensor.Type)
                        {
                            case GgufTensorType.Q4_0: BlockPacking.PackQ4Zero(source, blocks, target, scales.Floats + at); break;
                            case GgufTensorType.Q4_1: BlockPacking.PackQ4One(source, blocks, target, scales.Floats + at, Column(offsets!, start + row, blocks)); break;
                            default: BlockPacking.PackQ8Zero(source, blocks, target, scales.Floats + at); break;
                        }
                    }
                }
            });
            first += tensor.Rows;
        }

        return new PackedProjection(k, n, bits, weights, scales, offsets);
    }

    private static float* Column(NativeBuffer offsets, int row, int blocks) => offsets.Floats + ((long)(row / OffsetGroup) * blocks * OffsetGroup) + (row % OffsetGroup);

    private static PackedProjection PackFloats(GgufFile file, GgufTensor[] tensors, int k, int n)
    {
        var weights = new NativeBuffer((long)k * n * sizeof(float));
        int first = 0;
        foreach (GgufTensor tensor in tensors)
        {
            int start = first;
            Parallel.For(0, (tensor.Rows + RowsPerTask - 1) / RowsPerTask, task =>
            {
                float[] values = new float[k];
                for (int row = task * RowsPerTask; row < Math.Min(tensor.Rows, (task + 1) * RowsPerTask); row++)
                {
                    file.Dequantize(tensor, row, values);
                    float* column = weights.Floats + start + row;
                    for (int i = 0; i < values.Length; i++)
                    {
                        column[(long)i * n] = values[i];
                    }
                }
            });
            first += tensor.Rows;
        }

        return new PackedProjection(k, n, 32, weights, null, null);
    }
}
