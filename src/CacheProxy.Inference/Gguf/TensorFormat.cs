using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Gguf;

/// <summary>
/// How one weight format lies in memory and becomes floats. A new format is one class beside <see cref="Q8Zero"/> and one line here;
/// a format known by size alone can be listed but not run.
/// </summary>
/// <param name="BlockWeights">Weights that share one block.</param>
/// <param name="BlockBytes">Bytes of one block.</param>
/// <param name="Dequantize">Turns whole blocks into floats, or null where the engine has no code for the format.</param>
/// <param name="Blocks">How it goes into a product as blocks, or null where it has to go as floats.</param>
internal sealed record TensorFormat(int BlockWeights, int BlockBytes, TensorFormat.DequantizeBlocks? Dequantize, BlockForm? Blocks = null)
{
    /// <param name="blocks">Whole blocks.</param>
    /// <param name="weights">One float per weight of <paramref name="blocks"/>.</param>
    public delegate void DequantizeBlocks(ReadOnlySpan<byte> blocks, Span<float> weights);

    private static readonly Dictionary<GgufTensorType, TensorFormat> Known = new()
    {
        [GgufTensorType.F32] = new(1, 4, FloatFormats.FromSingle),
        [GgufTensorType.F16] = new(1, 2, FloatFormats.FromHalf),
        [GgufTensorType.BF16] = new(1, 2, FloatFormats.FromBrain),
        [GgufTensorType.Q4_0] = new(32, Q4Zero.BlockBytes, Q4Zero.Dequantize, new(WeightPacking.Bits4, HasOffsets: false, Q4Zero.Pack)),
        [GgufTensorType.Q4_1] = new(32, Q4One.BlockBytes, Q4One.Dequantize, new(WeightPacking.Bits4, HasOffsets: true, Q4One.Pack)),
        [GgufTensorType.Q8_0] = new(32, Q8Zero.BlockBytes, Q8Zero.Dequantize, new(WeightPacking.Bits8, HasOffsets: false, Q8Zero.Pack)),
        [GgufTensorType.Q5_0] = new(32, Q5Zero.BlockBytes, Q5Zero.Dequantize, new(WeightPacking.Bits8, HasOffsets: false, Q5Zero.Pack)),
        [GgufTensorType.Q5_1] = new(32, Q5One.BlockBytes, Q5One.Dequantize, new(WeightPacking.Bits8, HasOffsets: true, Q5One.Pack)),
        [GgufTensorType.Q8_1] = new(32, 36, null),
        [GgufTensorType.Q2_K] = new(256, 84, null),
        [GgufTensorType.Q3_K] = new(256, 110, null),
        [GgufTensorType.Q4_K] = new(Q4K.BlockWeights, Q4K.BlockBytes, Q4K.Dequantize, new(WeightPacking.Bits4, HasOffsets: true, Q4K.Pack)),
        [GgufTensorType.Q5_K] = new(Q5K.BlockWeights, Q5K.BlockBytes, Q5K.Dequantize, new(WeightPacking.Bits8, HasOffsets: true, Q5K.Pack)),
        [GgufTensorType.Q6_K] = new(Q6K.BlockWeights, Q6K.BlockBytes, Q6K.Dequantize, new(WeightPacking.Bits8By16, HasOffsets: false, Q6K.Pack)),
        [GgufTensorType.Q8_K] = new(256, 292, null),
    };

    public static TensorFormat? Find(GgufTensorType type) => Known.GetValueOrDefault(type);
}
