using System.Numerics.Tensors;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Graph;

/// <summary>Rearranges a matrix, or several with the same input stacked by rows, into a <see cref="PackedProjection"/>.</summary>
/// <remarks>
/// Weights with an offset (such as Q4_1's w = d*q + m) have no fast counterpart in MatMulNBits: float zero points take a path 40 times
/// slower. They are exact as d*(q - 8), the symmetric form that is fast, plus the offset times the sum of the inputs of the block:
/// <see cref="PackedProjection.Offsets"/>.
/// </remarks>
internal static unsafe class ProjectionPacker
{
    private const int OffsetGroup = PackedProjection.OffsetGroup;

    /// <summary>Rows packed by one parallel task: whole cache lines of <see cref="PackedProjection.Offsets"/>.</summary>
    private const int RowsPerTask = 64;

    /// <summary>Cuts the matrices into neighbours that can share one product: blocks of the same form, or plain floats.</summary>
    public static IReadOnlyList<IWeightMatrix[]> Stacks(IEnumerable<IWeightMatrix> matrices)
    {
        var stacks = new List<IWeightMatrix[]>();
        foreach (IWeightMatrix matrix in matrices)
        {
            if (stacks is [.., var last] && last[0].Packing == matrix.Packing)
            {
                stacks[^1] = [.. last, matrix];
            }
            else
            {
                stacks.Add([matrix]);
            }
        }

        return stacks;
    }

    /// <param name="factor">What the weights are multiplied with.</param>
    /// <param name="matrices">All with as many columns, see <see cref="Stacks"/>.</param>
    public static PackedProjection Pack(float factor, params IWeightMatrix[] matrices)
    {
        int k = matrices[0].Columns, n = matrices.Sum(matrix => matrix.Rows);
        WeightPacking packing = matrices[0].Packing;
        return packing == WeightPacking.Floats ? PackFloats(factor, matrices, k, n) : PackBlocks(factor, matrices, k, n, packing);
    }

    private static PackedProjection PackBlocks(float factor, IWeightMatrix[] matrices, int k, int n, WeightPacking packing)
    {
        int blocks = k / packing.BlockSize(), rowBytes = k * packing.Bits() / 8;
        var weights = new NativeBuffer((long)n * rowBytes);
        var scales = new NativeBuffer((long)n * blocks * sizeof(float));
        int groups = (n + OffsetGroup - 1) / OffsetGroup;
        NativeBuffer? offsets = matrices.Any(matrix => matrix.HasOffsets) ? new NativeBuffer((long)groups * OffsetGroup * blocks * sizeof(float)) : null;
        ForRows(matrices, (matrix, from, to, target) =>
        {
            Span<float> own = matrix.HasOffsets ? new float[blocks] : [];
            for (int row = from; row < to; row++, target++)
            {
                var quants = new Span<byte>(weights.Bytes + ((long)target * rowBytes), rowBytes);
                var ownScales = new Span<float>(scales.Floats + ((long)target * blocks), blocks);
                matrix.Pack(row, quants, ownScales, own);
                if (factor != 1)
                {
                    TensorPrimitives.Multiply(ownScales, factor, ownScales);
                }

                for (int block = 0; block < own.Length; block++)
                {
                    offsets!.Floats[((((long)(target / OffsetGroup) * blocks) + block) * OffsetGroup) + (target % OffsetGroup)] = own[block] * factor;
                }
            }
        });
        return new PackedProjection(k, n, packing, weights, scales, offsets);
    }

    private static PackedProjection PackFloats(float factor, IWeightMatrix[] matrices, int k, int n)
    {
        var weights = new NativeBuffer((long)k * n * sizeof(float));
        ForRows(matrices, (matrix, from, to, target) =>
        {
            float[] values = new float[k];
            for (int row = from; row < to; row++, target++)
            {
                matrix.Dequantize(row, values);
                float* column = weights.Floats + target;
                for (int i = 0; i < values.Length; i++)
                {
                    column[(long)i * n] = values[i] * factor;
                }
            }
        });
        return new PackedProjection(k, n, WeightPacking.Floats, weights, null, null);
    }

    /// <summary>Hands out the rows of all matrices in parallel: a matrix, its rows from..to, and where the first of them stands in the stack.</summary>
    private static void ForRows(IWeightMatrix[] matrices, Action<IWeightMatrix, int, int, int> pack)
    {
        int first = 0;
        foreach (IWeightMatrix matrix in matrices)
        {
            int start = first;
            Parallel.For(0, (matrix.Rows + RowsPerTask - 1) / RowsPerTask, task =>
                pack(matrix, task * RowsPerTask, Math.Min(matrix.Rows, (task + 1) * RowsPerTask), start + (task * RowsPerTask)));
            first += matrix.Rows;
        }
    }
}
