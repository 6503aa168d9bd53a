using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Graph;

/// <summary>A checkpoint's tensors as the graph takes them: of the shape it expects, and all that would change its result.</summary>
internal sealed class DecoderTensors(ICheckpoint checkpoint, DecoderConfig config)
{
    /// <summary>What other architectures have in a layer. A graph that ran without them would give wrong answers silently.</summary>
    private static readonly string[] Telling =
    [
        "attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_qkv.bias", "attn_output.bias", "ffn_gate.bias", "ffn_up.bias", "ffn_down.bias",
        "attn_norm.bias", "ffn_norm.bias", "attn_q_norm.weight", "attn_k_norm.weight", "attn_sinks.weight", "ffn_gate_inp.weight",
    ];

    private readonly HashSet<string> _taken = [];

    /// <exception cref="ModelFormatException">It is missing, or of another shape.</exception>
    public IWeightMatrix Matrix(string name, int columns, int rows)
    {
        _taken.Add(name);
        IWeightMatrix matrix = checkpoint.Get(name);
        return (matrix.Columns, matrix.Rows) == (columns, rows)
            ? matrix
            : throw new ModelFormatException(checkpoint.Path, name, $"is [{matrix.Columns}, {matrix.Rows}], not [{columns}, {rows}]");
    }

    /// <summary>A vector's values; of several, one behind the other.</summary>
    public float[] Vector(params (string Name, int Length)[] parts)
    {
        float[] values = new float[parts.Sum(part => part.Length)];
        int at = 0;
        foreach ((string name, int length) in parts)
        {
            Matrix(name, length, 1).Dequantize(0, values.AsSpan(at, length));
            at += length;
        }

        return values;
    }

    /// <summary>A norm's weights as they are multiplied with.</summary>
    public float[] Norm(string name, int length, float factor = 1) => Array.ConvertAll(Vector((name, length)), weight => (weight + config.NormShift) * factor);

    /// <exception cref="ModelFormatException">A layer has a tensor that the graph did not take.</exception>
    public void CheckAllTaken()
    {
        for (int layer = 0; layer < config.Layers; layer++)
        {
            foreach (string name in Telling.Select(tensor => $"blk.{layer}.{tensor}").Where(name => checkpoint.Has(name) && !_taken.Contains(name)))
            {
                throw new ModelFormatException(checkpoint.Path, name, $"has no place in a {checkpoint.Settings.Architecture} of these settings");
            }
        }
    }
}
