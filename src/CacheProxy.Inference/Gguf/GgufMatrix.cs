using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Gguf;

/// <summary>A tensor of a mapped file; rows are read where they lie.</summary>
internal sealed class GgufMatrix : IWeightMatrix
{
    private readonly GgufFile _file;
    private readonly GgufTensor _tensor;
    private readonly TensorFormat.DequantizeBlocks _dequantize;
    private readonly BlockForm? _blocks;

    /// <exception cref="ModelFormatException">The engine has no code for the tensor's weight format.</exception>
    public GgufMatrix(GgufFile file, GgufTensor tensor)
    {
        (_file, _tensor) = (file, tensor);
        _dequantize = file.DequantizerOf(tensor);
        _blocks = TensorFormat.Find(tensor.Type)?.Blocks;
    }

    public string Name => _tensor.Name;

    public int Rows => _tensor.Rows;

    public int Columns => _tensor.Columns;

    public WeightPacking Packing => _blocks?.Packing ?? WeightPacking.Floats;

    public bool HasOffsets => _blocks?.HasOffsets ?? false;

    public void Dequantize(int row, Span<float> weights) => _dequantize(_file.GetRows(_tensor, row, 1), weights[..Columns]);

    public void Pack(int row, Span<byte> quants, Span<float> scales, Span<float> offsets) =>
        (_blocks ?? throw new NotSupportedException($"{Name} has no blocks to pack.")).Pack(_file.GetRows(_tensor, row, 1), quants, scales, offsets);
}
