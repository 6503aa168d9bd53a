namespace CacheProxy.Inference.Safetensors.Quantization;

/// <summary>A quantised matrix out of its file's packing.</summary>
/// <param name="Codes">[rows, columns], one byte each, unsigned.</param>
/// <param name="Scales">[rows, groups].</param>
/// <param name="Zeros">[rows, groups]: the code that stands for 0; it can lie outside the codes' range.</param>
/// <param name="GroupSize">Neighbouring inputs of one group.</param>
/// <param name="GroupOf">Group by input where groups are not neighbours (activation order), else null.</param>
internal sealed record GroupedWeights(byte[] Codes, float[] Scales, short[] Zeros, int GroupSize, int[]? GroupOf = null)
{
    public int Groups(int rows) => Scales.Length / rows;
}
