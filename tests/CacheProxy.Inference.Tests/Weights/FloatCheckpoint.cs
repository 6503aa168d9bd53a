using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Weights;

/// <summary>A checkpoint whose matrices all go into the products as floats: what is left is the exactness of the weights alone.</summary>
internal sealed class FloatCheckpoint(ICheckpoint checkpoint) : ICheckpoint
{
    public string Path => checkpoint.Path;

    public IModelSettings Settings => checkpoint.Settings;

    public bool Has(string name) => checkpoint.Has(name);

    public IWeightMatrix Get(string name) => new Floats(checkpoint.Get(name));

    public void ReleasePages() => checkpoint.ReleasePages();

    public void Dispose() => checkpoint.Dispose();

    private sealed class Floats(IWeightMatrix matrix) : IWeightMatrix
    {
        public string Name => matrix.Name;

        public int Rows => matrix.Rows;

        public int Columns => matrix.Columns;

        public WeightPacking Packing => WeightPacking.Floats;

        public bool HasOffsets => false;

        public void Dequantize(int row, Span<float> weights) => matrix.Dequantize(row, weights);

        public void Pack(int row, Span<byte> quants, Span<float> scales, Span<float> offsets) => throw new NotSupportedException();
    }
}
