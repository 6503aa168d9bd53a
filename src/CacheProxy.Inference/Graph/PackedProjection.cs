namespace CacheProxy.Inference.Graph;

/// <summary>A projection's weights as the graph's operators want them. Shapes: K inputs, N outputs.</summary>
/// <param name="Bits">4 or 8: MatMulNBits, blocks of 32; 32: plain floats.</param>
/// <param name="Weights">Bits 4 or 8: [N, K/32, 4*Bits] unsigned, middle 8 or 128; bits 32: [K, N] floats.</param>
/// <param name="Scales">[N, K/32] floats; null for plain floats.</param>
/// <param name="Offsets">
/// [N/16, K/32, 16] floats (N rounded up) that the sum of each block of 32 inputs is multiplied with; null where the format has none.
/// </param>
internal sealed record PackedProjection(int K, int N, int Bits, NativeBuffer Weights, NativeBuffer? Scales, NativeBuffer? Offsets)
{
    /// <summary>Outputs whose offsets lie side by side.</summary>
    public const int OffsetGroup = 16;
}
