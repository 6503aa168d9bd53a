using System.Globalization;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Graph;

/// <summary>
/// Writes the decoder of <see cref="DecoderGraph"/> for a device: the same products, with the runtime's own operators around them and
/// com.microsoft.PagedAttention over a pool that lies on the device. Token rows are looked up inside, so that only ids travel.
/// </summary>
/// <remarks>
/// Inputs: <see cref="Tokens"/> [T] int64, <see cref="ModelGraph.LogitRows"/> [M] int64, <see cref="CumulativeLengths"/> [B+1],
/// <see cref="PastLengths"/> [B], <see cref="BlockTable"/> [B, W] and <see cref="Slots"/> [T] int32, <see cref="Bounds"/> [2] int32 in host memory,
/// for each layer keys and values [blocks, block size, key heads, head size] that come back as outputs in the same place.
/// Output: <see cref="ModelGraph.Logits"/> [M, vocabulary] floats.
/// </remarks>
internal sealed class DeviceGraph
{
    public const string Tokens = "tokens", CumulativeLengths = "cumulative_lengths", PastLengths = "past_lengths",
        BlockTable = "block_table", Slots = "slots", Bounds = "bounds";

    private readonly DecoderConfig _config;
    private readonly OnnxGraph _graph = new("decoder");
    private readonly DeviceOperators _operators;
    private readonly ICheckpoint _checkpoint;
    private readonly OnnxType _type;

    private DeviceGraph(ICheckpoint checkpoint, DecoderConfig config, OnnxType type, string attentionDomain)
    {
        (_checkpoint, _config, _type) = (checkpoint, config, type);
        _operators = new DeviceOperators(_graph, checkpoint, config, type, attentionDomain);
    }

    public static string Keys(int layer) => $"keys.{layer}";

    public static string Values(int layer) => $"values.{layer}";

    public static string KeysOut(int layer) => $"keys_out.{layer}";

    public static string ValuesOut(int layer) => $"values_out.{layer}";

    /// <param name="type">Type of weights, activations and KV.</param>
    /// <exception cref="ModelFormatException">A tensor is missing, of the wrong shape or of a format without code.</exception>
    public static ModelGraph Build(ICheckpoint checkpoint, DecoderConfig config, OnnxType type, string attentionDomain)
    {
        var builder = new DeviceGraph(checkpoint, config, type, attentionDomain);
        try
        {
            builder.Write();
        }
        catch
        {
            new ModelGraph(config, [], builder._graph.Initializers).Dispose();
            throw;
        }

        return new ModelGraph(config, builder._graph.Serialize(), builder._graph.Initializers);
    }

    private void Write()
    {
        string rows = DeclareInputs();
        string residual = _operators.Embed(Tokens), normed = _operators.Norm(residual, "blk.0.attn_norm.weight");
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            string block = $"blk.{layer}.";
            AttentionShape shape = _config.Attention[layer];
            bool last = layer == _config.Layers - 1;
            string packed = _operators.Project(normed, _config.Width, block + "attn_qkv", (block + "attn_q.weight", shape.QueryWidth), (block + "attn_k.weight", shape.CachedWidth), (block + "attn_v.weight", shape.CachedWidth));
            string attended = _operators.Attend(packed, layer);
            if (last)
            {
                (attended, residual) = (_operators.Select(attended, rows), _operators.Select(residual, rows));
            }

            string output = _operators.Project(attended, shape.QueryWidth, block + "attn_out", (block + "attn_output.weight", _config.Width));
            (normed, residual) = _operators.AddNorm(output, residual, block + "ffn_norm.weight");
            string gates = _operators.Project(normed, _config.Width, block + "gate_up", (block + "ffn_gate.weight", _config.FeedForward), (block + "ffn_up.weight", _config.FeedForward));
            string down = _operators.Project(_operators.Gate(gates, block + "gated"), _config.FeedForward, block + "down", (block + "ffn_down.weight", _config.Width));
            (normed, residual) = _operators.AddNorm(down, residual, last ? "output_norm.weight" : $"blk.{layer + 1}.attn_norm.weight");
        }

        string table = _checkpoint.Has("output.weight") ? "output.weight" : "token_embd.weight";
        _operators.ToFloat(_operators.Project(normed, _config.Width, "head", (table, _config.Vocabulary)), ModelGraph.Logits);
        _graph.Output(ModelGraph.Logits, OnnxType.Float, "rows", Size(_config.Vocabulary));
    }

    /// <returns>The rows that logits are wanted of.</returns>
    private string DeclareInputs()
    {
        _graph.Input(Tokens, OnnxType.Int64, "tokens");
        _graph.Input(CumulativeLengths, OnnxType.Int32, "boundaries");
        _graph.Input(PastLengths, OnnxType.Int32, "sequences");
        _graph.Input(BlockTable, OnnxType.Int32, "sequences", "width");
        _graph.Input(Slots, OnnxType.Int32, "tokens");
        _graph.Input(Bounds, OnnxType.Int32, "2");
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            string[] shape = ["blocks", "block_size", Size(_config.Attention[layer].KeyValueHeads), Size(_config.Attention[layer].HeadSize)];
            _graph.Input(Keys(layer), _type, shape);
            _graph.Input(Values(layer), _type, shape);
            _graph.Output(KeysOut(layer), _type, shape);
            _graph.Output(ValuesOut(layer), _type, shape);
        }

        return _graph.Input(ModelGraph.LogitRows, OnnxType.Int64, "rows");
    }

    private static string Size(int size) => size.ToString(CultureInfo.InvariantCulture);
}
