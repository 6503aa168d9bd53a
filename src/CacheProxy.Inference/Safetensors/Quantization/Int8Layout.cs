using System.Numerics.Tensors;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Safetensors.Quantization;

/// <summary>compressed-tensors <c>int-quantized</c>: weight int8 [out, in] and weight_scale [1], [out, 1] or [out, groups]; weight = scale * code.</summary>
internal sealed class Int8Layout : IWeightLayout
{
    private const int Middle = 128;

    public IWeightMatrix? Find(string name, SafetensorsFolder folder, string module)
    {
        if (folder.Find(module + ".weight") is not { Type: SafetensorsType.I8 } codes)
        {
            return null;
        }

        _ = codes.RequireShape(-1, -1);
        int outputs = codes.Rows, inputs = codes.Columns;
        StoredTensor scales = folder.Get(module + ".weight_scale").RequireFloats();
        long count = scales.Info.Count;
        if (!(count == 1 || (count % outputs == 0 && count > 0 && inputs % (count / outputs) == 0)))
        {
            throw scales.Error($"is {scales.Info.Description} for weights [{outputs}, {inputs}]");
        }

        return new GroupedMatrix(name, outputs, inputs, 8, new(() => Read(codes, scales)));
    }

    private static GroupedWeights Read(StoredTensor codes, StoredTensor scales)
    {
        byte[] unsigned = new byte[checked(codes.Rows * codes.Columns)];
        TensorPrimitives.Xor(codes.Bytes(0, unsigned.Length), (byte)Middle, unsigned);
        float[] stored = scales.ReadFloats(), perGroup = stored.Length == 1 ? new float[codes.Rows] : stored;
        if (stored.Length == 1)
        {
            Array.Fill(perGroup, stored[0]);
        }

        return new GroupedWeights(unsigned, perGroup, GroupedTensors.Constant(perGroup.Length, Middle), codes.Columns * codes.Rows / perGroup.Length);
    }
}
