using CacheProxy.Inference.Graph;
using CacheProxy.Inference.Tests.Gguf;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Tests.Families;

/// <summary>Writes a checkpoint of safetensors as llama.cpp's converters do: names, order of rotated rows, shifted norms.</summary>
internal static class RewrittenGguf
{
    private static readonly string[] OfLayer =
    [
        "attn_norm", "attn_q", "attn_k", "attn_v", "attn_qkv", "attn_output", "attn_q_norm", "attn_k_norm", "post_attention_norm",
        "ffn_norm", "ffn_gate", "ffn_up", "ffn_down", "post_ffw_norm",
    ];

    /// <param name="source">The checkpoint.</param>
    /// <param name="config">What its settings say.</param>
    /// <param name="architecture">GGUF's name.</param>
    /// <param name="pairs">Whether this architecture's rotated rows lie in pairs.</param>
    /// <param name="keys">Settings beyond the sizes, without the architecture in front.</param>
    public static GgufWriter Write(ICheckpoint source, DecoderConfig config, string architecture, bool pairs, IReadOnlyDictionary<string, object> keys)
    {
        AttentionShape shape = config.Attention[0];
        GgufWriter writer = new GgufWriter().Add("general.architecture", architecture);
        var sizes = new Dictionary<string, object>
        {
            ["block_count"] = (uint)config.Layers,
            ["context_length"] = (uint)config.ContextLength,
            ["embedding_length"] = (uint)config.Width,
            ["feed_forward_length"] = (uint)config.FeedForward,
            ["attention.head_count"] = (uint)shape.QueryHeads,
            ["attention.head_count_kv"] = (uint)shape.KeyValueHeads,
            ["attention.key_length"] = (uint)shape.HeadSize,
            ["attention.layer_norm_rms_epsilon"] = config.NormEpsilon,
        };
        foreach ((string key, object value) in sizes.Concat(keys))
        {
            writer.Add($"{architecture}.{key}", value);
        }

        IEnumerable<string> names = Enumerable.Range(0, config.Layers).SelectMany(layer => OfLayer.Select(tensor => $"blk.{layer}.{tensor}.weight"));
        foreach (string name in names.Concat(["token_embd.weight", "output_norm.weight", "output.weight"]).Where(source.Has))
        {
            IWeightMatrix matrix = source.Get(name);
            int head = pairs && (name.Contains("attn_q.") || name.Contains("attn_k.")) ? shape.HeadSize : 0;
            float shift = name.Contains("norm") ? config.NormShift : 0;
            ulong[] size = matrix.Rows == 1 ? [(ulong)matrix.Columns] : [(ulong)matrix.Columns, (ulong)matrix.Rows];
            writer.AddTensor(name, Values(matrix, head, shift), size);
        }

        return writer;
    }

    /// <summary>All rows; where heads lie in pairs, row 2i of a head is row i of halves, and row 2i + 1 the one half a head behind.</summary>
    private static float[] Values(IWeightMatrix matrix, int head, float shift)
    {
        float[] values = new float[matrix.Rows * matrix.Columns];
        for (int row = 0; row < matrix.Rows; row++)
        {
            int from = head == 0 ? row : (row / head * head) + (row % head / 2) + (row % 2 * (head / 2));
            matrix.Dequantize(from, values.AsSpan(row * matrix.Columns, matrix.Columns));
        }

        return Array.ConvertAll(values, value => value + shift);
    }
}
