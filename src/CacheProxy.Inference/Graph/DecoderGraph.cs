using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Graph;

/// <summary>
/// Writes a decoder as a token-packed graph: the rows of all sequences of a step lie one after the other, only attention
/// knows which belong together. Each layer is four products and what stands between them; in whose operators, <see cref="DecoderOperators"/> says.
/// </summary>
/// <remarks>
/// Multipliers of branches and logits go into the weights. After the last attention only the rows that logits are wanted of go on.
/// </remarks>
internal sealed class DecoderGraph
{
    private readonly DecoderConfig _config;
    private readonly DecoderTensors _tensors;
    private readonly OnnxGraph _graph = new("decoder");
    private readonly DecoderOperators _operators;

    private DecoderGraph(ICheckpoint checkpoint, DecoderConfig config, Func<OnnxGraph, DecoderConfig, DecoderOperators> operators)
    {
        _config = config;
        _tensors = new DecoderTensors(checkpoint, config);
        _operators = operators(_graph, config);
    }

    /// <summary>The graph for the CPU.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, left over, of the wrong shape or of a format without code.</exception>
    public static ModelGraph Build(ICheckpoint checkpoint, DecoderConfig config) => Build(checkpoint, config, (graph, config) => new FusedOperators(graph, config));

    /// <summary>The graph for a device.</summary>
    /// <param name="type">Of weights, activations and KV.</param>
    /// <param name="attentionDomain">Of the operator PagedAttention.</param>
    /// <exception cref="ModelFormatException">As above.</exception>
    /// <exception cref="NotSupportedException">The family needs what devices do not have.</exception>
    public static ModelGraph BuildForDevice(ICheckpoint checkpoint, DecoderConfig config, OnnxType type, string attentionDomain) =>
        Build(checkpoint, config, (graph, config) => new DeviceOperators(graph, config, type, attentionDomain));

    private static ModelGraph Build(ICheckpoint checkpoint, DecoderConfig config, Func<OnnxGraph, DecoderConfig, DecoderOperators> operators)
    {
        var builder = new DecoderGraph(checkpoint, config, operators);
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
        string stream = _operators.Embed(_tensors), rows = _graph.Input(ModelGraph.LogitRows, OnnxType.Int64, "rows");
        (Activation normed, string residual) = Close("embedded", new Product(stream, "", ""), "", "", Before("blk.0.attn_norm.weight"));
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            string block = $"blk.{layer}.";
            bool last = layer == _config.Layers - 1;
            Activation attended = WriteAttention(normed, block, layer);
            if (last)
            {
                (attended, residual) = (_operators.Select(attended, rows), _operators.Select(residual, rows));
            }

            Product output = Branch(attended, block + "attn_output", _config.Attention[layer].QueryWidth);
            (normed, residual) = Close(block + "attn", output, residual, After(block + "post_attention_norm.weight"), Before(block + "ffn_norm.weight"));
            Product down = WriteFeedForward(normed, block);
            string next = last ? "output_norm.weight" : Before($"blk.{layer + 1}.attn_norm.weight");
            (normed, residual) = Close(block + "ffn", down, residual, After(block + "post_ffw_norm.weight"), next);
        }

        WriteHead(normed);
        _tensors.CheckAllTaken();
    }

    private Activation WriteAttention(Activation normed, string block, int layer)
    {
        AttentionShape shape = _config.Attention[layer];
        (string, int)[] Parts(string ending) => _config.FusedProjections
            ? [($"{block}attn_qkv.{ending}", shape.PackedWidth)]
            : [($"{block}attn_q.{ending}", shape.QueryWidth), ($"{block}attn_k.{ending}", shape.CachedWidth), ($"{block}attn_v.{ending}", shape.CachedWidth)];

        Product packed = Project(normed, block + "attn_qkv", _config.Width, Parts("weight"));
        string queryNorm = "", keyNorm = "";
        if (shape.HeadNorm != HeadNorm.None)
        {
            bool whole = shape.HeadNorm == HeadNorm.Whole;
            queryNorm = Constant(block + "attn_q_norm", _tensors.Norm(block + "attn_q_norm.weight", whole ? shape.QueryWidth : shape.HeadSize));
            keyNorm = Constant(block + "attn_k_norm", _tensors.Norm(block + "attn_k_norm.weight", whole ? shape.CachedWidth : shape.HeadSize));
        }

        string bias = _config.Biased ? Constant(block + "attn_qkv.bias", _tensors.Vector(Parts("bias"))) : "";
        return _operators.Attend(packed, layer, new AttentionExtras(queryNorm, keyNorm, bias));
    }

    private Product WriteFeedForward(Activation normed, string block)
    {
        int width = _config.FeedForward;
        (string, int)[] parts = _config.FusedProjections ? [(block + "ffn_up.weight", 2 * width)] : [(block + "ffn_gate.weight", width), (block + "ffn_up.weight", width)];
        Product gates = Project(normed, block + "gate_up", _config.Width, parts);
        return Branch(_operators.Gate(gates, block + "gated"), block + "ffn_down", width);
    }

    private void WriteHead(Activation normed)
    {
        float cap = _config.LogitCap;
        IWeightMatrix table = _tensors.Matrix(_config.Tied ? "token_embd.weight" : "output.weight", _config.Width, _config.Vocabulary);
        Product product = _operators.Project(normed, "head", _config.LogitScale / (cap > 0 ? cap : 1), table);
        string logits = _operators.Finish(product, "head.whole", _config.Vocabulary);
        if (cap > 0)
        {
            string capped = _graph.Node("Tanh", "", [logits], ["head.tanh"]);
            logits = _graph.Node("Mul", "", [capped, Constant("head.cap", [cap])], ["head.capped"]);
        }

        _operators.Output(logits);
    }

    /// <summary>Ends a branch, see <see cref="DecoderOperators.Close"/>; here norms are names of tensors.</summary>
    private (Activation Normed, string Residual) Close(string name, Product product, string residual, string after, string before)
    {
        string Gamma(string weight, float factor) => weight.Length == 0 ? "" : Constant(weight, _tensors.Norm(weight, _config.Width, factor));
        return _operators.Close(name, product, residual, Gamma(after, _config.ResidualScale), Gamma(before, 1));
    }

    private string Before(string weight) => _config.Norms is NormPlacement.Before or NormPlacement.Around ? weight : "";

    private string After(string weight) => _config.Norms is NormPlacement.After or NormPlacement.Around ? weight : "";

    /// <summary>The product that ends a branch. Its multiplier goes into the weights, unless a norm follows that would undo it.</summary>
    private Product Branch(Activation input, string name, int columns) =>
        _operators.Project(input, name, _config.Norms == NormPlacement.Before ? _config.ResidualScale : 1, _tensors.Matrix(name + ".weight", columns, _config.Width));

    private Product Project(Activation input, string name, int columns, (string Name, int Rows)[] parts) =>
        _operators.Project(input, name, 1, Array.ConvertAll(parts, part => _tensors.Matrix(part.Name, columns, part.Rows)));

    private string Constant(string name, float[] values) => _operators.Constant(name, values);
}
