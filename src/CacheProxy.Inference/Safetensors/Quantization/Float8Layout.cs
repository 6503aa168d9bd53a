using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Safetensors.Quantization;

/// <summary>
/// FP8: weight float8_e4m3fn [out, in] with weight_scale [1] or [out, 1] (compressed-tensors <c>float-quantized</c>), or with
/// weight_scale_inv [out/b, in/b], one for each square of weights. All of them multiply, the last one in spite of its name.
/// </summary>
/// <param name="block">Rows and columns of a square with its own scale; (0, 0): no squares.</param>
internal sealed class Float8Layout((int Rows, int Columns) block) : IWeightLayout
{
    public IWeightMatrix? Find(string name, SafetensorsFolder folder, string module)
    {
        if (folder.Find(module + ".weight") is not { Type: SafetensorsType.F8_E4M3 } codes)
        {
            return null;
        }

        _ = codes.RequireShape(-1, -1);
        (int rows, int columns) = (codes.Rows, codes.Columns);
        if (block.Rows > 0)
        {
            StoredTensor scales = folder.Get(module + ".weight_scale_inv").RequireFloats().RequireShape((rows + block.Rows - 1) / block.Rows, (columns + block.Columns - 1) / block.Columns);
            return new Float8Matrix(name, codes, scales.ReadFloats(), block.Rows, block.Columns);
        }

        StoredTensor scale = (folder.Find(module + ".weight_scale_inv") ?? folder.Get(module + ".weight_scale")).RequireFloats();
        return scale.Info.Count == 1 ? new Float8Matrix(name, codes, scale.ReadFloats(), rows, columns)
            : scale.Info.Count == rows ? new Float8Matrix(name, codes, scale.ReadFloats(), 1, columns)
            : throw scale.Error($"is {scale.Info.Description} for weights [{rows}, {columns}]");
    }
}
