using System.Numerics.Tensors;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Safetensors.Quantization;

/// <summary>float8_e4m3fn weights with a scale for each rectangle of them; their steps grow with their size, so no block of whole numbers equals them.</summary>
/// <param name="name">Canonical name.</param>
/// <param name="codes">[out, in].</param>
/// <param name="scales">One per rectangle, row-major.</param>
/// <param name="blockRows">Outputs of a rectangle; the last one may have fewer.</param>
/// <param name="blockColumns">Inputs of a rectangle; the last one may have fewer.</param>
internal sealed class Float8Matrix(string name, StoredTensor codes, float[] scales, int blockRows, int blockColumns) : IWeightMatrix
{
    public string Name => name;

    public int Rows { get; } = codes.Rows;

    public int Columns { get; } = codes.Columns;

    public WeightPacking Packing => WeightPacking.Floats;

    public bool HasOffsets => false;

    public void Dequantize(int row, Span<float> weights)
    {
        codes.ReadFloats((long)row * Columns, weights[..Columns]);
        int perRow = (Columns + blockColumns - 1) / blockColumns;
        for (int column = 0, at = row / blockRows * perRow; column < Columns; column += blockColumns, at++)
        {
            Span<float> part = weights.Slice(column, Math.Min(blockColumns, Columns - column));
            TensorPrimitives.Multiply(part, scales[at], part);
        }
    }

    public void Pack(int row, Span<byte> quants, Span<float> scales, Span<float> offsets) =>
        throw new NotSupportedException("Float8 weights have no blocks of whole numbers.");
}
