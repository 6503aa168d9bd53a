using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Gguf;

/// <summary>How blocks of a weight format become those of <see cref="IWeightMatrix.Pack"/>.</summary>
/// <param name="Packing">Any but floats.</param>
/// <param name="HasOffsets">Whether <paramref name="Pack"/> writes offsets.</param>
/// <param name="Pack">Rearranges the blocks of a row.</param>
internal sealed record BlockForm(WeightPacking Packing, bool HasOffsets, BlockForm.PackBlocks Pack)
{
    /// <summary>See <see cref="IWeightMatrix.Pack"/>.</summary>
    public delegate void PackBlocks(ReadOnlySpan<byte> blocks, Span<byte> quants, Span<float> scales, Span<float> offsets);
}
