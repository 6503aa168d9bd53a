using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Safetensors;

/// <summary>Weights that are stored as floats: F32, F16, BF16.</summary>
internal sealed class FloatMatrix(string name, StoredTensor tensor) : IWeightMatrix
{
    public string Name => name;

    public int Rows { get; } = tensor.Rows;

    public int Columns { get; } = tensor.Columns;

    public WeightPacking Packing => WeightPacking.Floats;

    public bool HasOffsets => false;

    public void Dequantize(int row, Span<float> weights)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        tensor.ReadFloats((long)row * Columns, weights[..Columns]);
    }

    public void Pack(int row, Span<byte> quants, Span<float> scales, Span<float> offsets) =>
        throw new NotSupportedException("Floats have no blocks.");
}
