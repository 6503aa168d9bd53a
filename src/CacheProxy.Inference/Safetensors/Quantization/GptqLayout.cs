using System.Runtime.InteropServices;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Safetensors.Quantization;

/// <summary>
/// GPTQ, and AutoRound in its packing: qweight int32 [in/8, out] packed down the inputs, qzeros int32 [groups, out/8], scales [groups, out],
/// g_idx int32 [in] (group of each input; without it groups are neighbours).
/// </summary>
/// <param name="bits">4 or 8.</param>
/// <param name="groupSize">Inputs of a group; -1: all.</param>
/// <param name="zeroShift">1 where zero points are stored minus 1 (v1), 0 where they are stored as they are (v2).</param>
internal sealed class GptqLayout(int bits, int groupSize, int zeroShift) : IWeightLayout
{
    public IWeightMatrix? Find(string name, SafetensorsFolder folder, string module)
    {
        if (folder.Find(module + ".qweight") is not { } codes)
        {
            return null;
        }

        int perWord = 32 / bits;
        _ = codes.Require(SafetensorsType.I32, -1, -1);
        int outputs = codes.Columns, inputs = checked(codes.Rows * perWord), size = groupSize == -1 ? inputs : groupSize;
        StoredTensor scales = folder.Get(module + ".scales").RequireFloats().RequireShape((inputs + size - 1) / size, outputs);
        StoredTensor zeros = folder.Get(module + ".qzeros").Require(SafetensorsType.I32, scales.Rows, outputs / perWord);
        if (outputs % perWord != 0)
        {
            throw codes.Error($"has {outputs} outputs, not a multiple of {perWord}");
        }

        int[]? groups = folder.Find(module + ".g_idx") is { } map ? ReadGroups(map.Require(SafetensorsType.I32, inputs), scales.Rows, size) : null;
        return new GroupedMatrix(name, outputs, inputs, bits, new(() => new GroupedWeights(
            new PackedWords(codes, bits).UnpackColumns(),
            GroupedTensors.Transpose(scales),
            new PackedWords(zeros, bits).UnpackZeros([.. Enumerable.Range(0, perWord)], zeroShift),
            size,
            groups)));
    }

    /// <returns>Null where the groups are neighbours in order, the usual case: then nothing needs the map.</returns>
    private static int[]? ReadGroups(StoredTensor map, int groups, int size)
    {
        int[] found = MemoryMarshal.Cast<byte, int>(map.Bytes(0, map.Columns)).ToArray();
        int wrong = Array.FindIndex(found, group => (uint)group >= (uint)groups);
        if (wrong >= 0)
        {
            throw map.Error($"puts input {wrong} in group {found[wrong]} of {groups}");
        }

        bool inOrder = true;
        for (int k = 0; inOrder && k < found.Length; k++)
        {
            inOrder = found[k] == k / size;
        }

        return inOrder ? null : found;
    }
}
