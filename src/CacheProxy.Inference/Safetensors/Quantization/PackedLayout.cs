using System.Runtime.InteropServices;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Safetensors.Quantization;

/// <summary>
/// compressed-tensors <c>pack-quantized</c>: weight_packed int32 [out, in/8] packed along the inputs, stored around 8 (or [out, in/4] around
/// 128), weight_scale [out, groups] (a channel is one group), weight_shape int64 [2].
/// </summary>
/// <param name="bits">4 or 8.</param>
internal sealed class PackedLayout(int bits) : IWeightLayout
{
    public IWeightMatrix? Find(string name, SafetensorsFolder folder, string module)
    {
        if (folder.Find(module + ".weight_packed") is not { } codes)
        {
            return null;
        }

        _ = codes.Require(SafetensorsType.I32, -1, -1);
        if (folder.Find(module + ".weight_g_idx") is { } order)
        {
            throw order.Error("activation order is not supported in this format");
        }

        StoredTensor shape = folder.Get(module + ".weight_shape").Require(SafetensorsType.I64, 2);
        int outputs = codes.Rows, inputs = checked(codes.Columns * (32 / bits));
        long[] sizes = MemoryMarshal.Cast<byte, long>(shape.Bytes(0, 2)).ToArray();
        if (sizes[0] != outputs || sizes[1] != inputs)
        {
            throw shape.Error($"says [{sizes[0]}, {sizes[1]}], the packed weights [{outputs}, {inputs}]");
        }

        StoredTensor scales = folder.Get(module + ".weight_scale").RequireFloats().RequireShape(outputs, -1);
        return inputs % scales.Columns == 0
            ? new GroupedMatrix(name, outputs, inputs, bits, new(() => new GroupedWeights(
                new PackedWords(codes, bits).Unpack(), scales.ReadFloats(), GroupedTensors.Constant((int)scales.Info.Count, 1 << (bits - 1)), inputs / scales.Columns)))
            : throw scales.Error($"has {scales.Columns} groups for {inputs} inputs");
    }
}
