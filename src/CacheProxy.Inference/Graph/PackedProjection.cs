using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Graph;

/// <summary>A projection's weights as the graph's operators want them. Shapes: K inputs, N outputs.</summary>
/// <param name="Packing">Blocks of B for MatMulNBits, or plain floats.</param>
/// <param name="Weights">Blocks: [N, K/B, B*bits/8] unsigned, middle 8 or 128; floats: [K, N].</param>
/// <param name="Scales">[N, K/B] floats; null for plain floats.</param>
/// <param name="Offsets">
/// [N/16, K/32, 16] floats (N rounded up) that the sum of each block of 32 inputs is multiplied with; null where the format has none.
/// </param>
internal sealed record PackedProjection(int K, int N, WeightPacking Packing, NativeBuffer Weights, NativeBuffer? Scales, NativeBuffer? Offsets)
{
    /// <summary>Outputs whose offsets lie side by side.</summary>
    public const int OffsetGroup = 16;
}
