using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Safetensors.Quantization;

/// <summary>
/// AWQ for its GEMM kernel: qweight int32 [in, out/8] and qzeros int32 [groups, out/8], both packed along the outputs in the order below,
/// scales [groups, out]; weight = scale * (code - zero).
/// </summary>
/// <param name="groupSize">Inputs of a group; -1: all.</param>
internal sealed class AwqLayout(int groupSize) : IWeightLayout
{
    private const int Bits = 4;

    /// <summary>Output 8c + j lies at nibble Order[j] of word c: the order in which the kernel's registers want them.</summary>
    private static readonly int[] Order = [0, 4, 1, 5, 2, 6, 3, 7];

    public IWeightMatrix? Find(string name, SafetensorsFolder folder, string module)
    {
        if (folder.Find(module + ".qweight") is not { } codes)
        {
            return null;
        }

        _ = codes.Require(SafetensorsType.I32, -1, -1);
        int inputs = codes.Rows, outputs = checked(codes.Columns * Order.Length), size = groupSize == -1 ? inputs : groupSize;
        if (inputs % size != 0)
        {
            throw codes.Error($"has {inputs} inputs, not a multiple of the group size {size}");
        }

        StoredTensor scales = folder.Get(module + ".scales").RequireFloats().RequireShape(inputs / size, outputs);
        StoredTensor zeros = folder.Get(module + ".qzeros").Require(SafetensorsType.I32, inputs / size, codes.Columns);
        return new GroupedMatrix(name, outputs, inputs, Bits, new(() => new GroupedWeights(
            new PackedWords(codes, Bits).UnpackOutputs(Order),
            GroupedTensors.Transpose(scales),
            new PackedWords(zeros, Bits).UnpackZeros(Order, 0),
            size)));
    }
}
