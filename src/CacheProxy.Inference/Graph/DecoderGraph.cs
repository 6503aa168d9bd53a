using System.Globalization;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Graph;

/// <summary>
/// Writes a decoder as a token-packed graph: the rows of all sequences of a step lie one after the other, only attention
/// knows which belong together. Each layer is four products of the runtime and four operators of <see cref="Domain"/> around them.
/// </summary>
/// <remarks>
/// Activations that feed a product with offsets travel with the sums of their blocks of 32 ([T, K/32]); the operator behind the product
/// adds sums * offsets, so the correction costs no pass over memory of its own. Multipliers of branches and logits go into the weights.
/// After the last attention only the rows that logits are wanted of go on.
/// </remarks>
internal sealed class DecoderGraph
{
    public const string Domain = "cacheproxy", AddNorm = "AddNorm", Attention = "PagedAttention", Gated = "Gated", AddOffsets = "AddOffsets";

    private readonly DecoderConfig _config;
    private readonly DecoderTensors _tensors;
    private readonly OnnxGraph _graph = new("decoder");
    private readonly ProjectionWriter _projections;

    private DecoderGraph(ICheckpoint checkpoint, DecoderConfig config)
    {
        _config = config;
        _tensors = new DecoderTensors(checkpoint, config);
        _projections = new ProjectionWriter(_graph);
    }

    /// <exception cref="ModelFormatException">A tensor is missing, left over, of the wrong shape or of a format without code.</exception>
    public static ModelGraph Build(ICheckpoint checkpoint, DecoderConfig config)
    {
        var builder = new DecoderGraph(checkpoint, config);
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
        string residual = _graph.Input(ModelGraph.Hidden, OnnxType.Float, "tokens", Text(_config.Width));
        string rows = _graph.Input(ModelGraph.LogitRows, OnnxType.Int64, "rows");
        (Activation normed, residual) = Close("embedded", new Product(residual, "", ""), "", "", Before("blk.0.attn_norm.weight"));
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            string block = $"blk.{layer}.";
            bool last = layer == _config.Layers - 1;
            Activation attended = WriteAttention(normed, block, layer);
            if (last)
            {
                (attended, residual) = (new Activation(Select(attended.Values, rows), Select(attended.Sums, rows)), Select(residual, rows));
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
        return Operate(Attention, [packed.Values, packed.Sums, packed.Offsets, queryNorm, keyNorm, bias], block + "attended", ("layer", layer));
    }

    private Product WriteFeedForward(Activation normed, string block)
    {
        int width = _config.FeedForward;
        (string, int)[] parts = _config.FusedProjections ? [(block + "ffn_up.weight", 2 * width)] : [(block + "ffn_gate.weight", width), (block + "ffn_up.weight", width)];
        Product gates = Project(normed, block + "gate_up", _config.Width, parts);
        Activation gated = Operate(Gated, [gates.Values, gates.Sums, gates.Offsets], block + "gated", ("width", width), ("function", (int)_config.Gate));
        return Branch(gated, block + "ffn_down", width);
    }

    private void WriteHead(Activation normed)
    {
        float cap = _config.LogitCap;
        IWeightMatrix table = _tensors.Matrix(_config.Tied ? "token_embd.weight" : "output.weight", _config.Width, _config.Vocabulary);
        Product product = _projections.Project(normed, "head", _config.LogitScale / (cap > 0 ? cap : 1), table);
        string logits = _projections.Finish(product, "head.whole", _config.Vocabulary);
        if (cap > 0)
        {
            string capped = _graph.Node("Tanh", "", [logits], ["head.tanh"]);
            _graph.Node("Mul", "", [capped, Constant("head.cap", [cap])], [ModelGraph.Logits]);
        }
        else
        {
            _graph.Node("Identity", "", [logits], [ModelGraph.Logits]);
        }

        _graph.Output(ModelGraph.Logits, OnnxType.Float, "rows", Text(_config.Vocabulary));
    }

    private Activation Operate(string op, string[] inputs, string name, params (string, object)[] attributes)
    {
        string sums = name + ".sums";
        _graph.Node(op, Domain, inputs, [name, sums], attributes);
        return new Activation(name, sums);
    }

    /// <summary>residual + product (+ offsets, normed with <paramref name="after"/>), and that sum normed with <paramref name="before"/>; an empty name is no norm.</summary>
    private (Activation Normed, string Residual) Close(string name, Product product, string residual, string after, string before)
    {
        string Gamma(string weight, float factor) => weight.Length == 0 ? "" : Constant(weight, _tensors.Norm(weight, _config.Width, factor));
        string normed = name + ".normed", sums = name + ".normed.sums", sum = name + ".residual";
        _graph.Node(AddNorm, Domain, [product.Values, product.Sums, product.Offsets, Gamma(before, 1), residual, Gamma(after, _config.ResidualScale)], [normed, sums, sum],
            ("width", _config.Width), ("epsilon", _config.NormEpsilon));
        return (new Activation(normed, sums), sum);
    }

    private string Before(string weight) => _config.Norms is NormPlacement.Before or NormPlacement.Around ? weight : "";

    private string After(string weight) => _config.Norms is NormPlacement.After or NormPlacement.Around ? weight : "";

    /// <summary>The product that ends a branch. Its multiplier goes into the weights, unless a norm follows that would undo it.</summary>
    private Product Branch(Activation input, string name, int columns) =>
        _projections.Project(input, name, _config.Norms == NormPlacement.Before ? _config.ResidualScale : 1, _tensors.Matrix(name + ".weight", columns, _config.Width));

    private Product Project(Activation input, string name, int columns, (string Name, int Rows)[] parts) =>
        _projections.Project(input, name, 1, Array.ConvertAll(parts, part => _tensors.Matrix(part.Name, columns, part.Rows)));

    private string Select(string values, string rows) => _graph.Node("Gather", "", [values, rows], [values + ".selected"], ("axis", 0));

    private string Constant(string name, float[] values) => _graph.Constant(name, values, values.Length);

    private static string Text(int size) => size.ToString(CultureInfo.InvariantCulture);
}
