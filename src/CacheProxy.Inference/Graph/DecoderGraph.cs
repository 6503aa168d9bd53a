using System.Globalization;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Graph;

/// <summary>
/// Writes a decoder as a token-packed graph: the rows of all sequences of a step lie one after the other, only attention
/// knows which belong together. Each layer is four products of the runtime and four operators of <see cref="Domain"/> around them.
/// </summary>
/// <remarks>
/// Activations that feed a product with offsets travel with the sums of their blocks of 32 ([T, K/32]); the operator behind the product
/// adds sums * offsets, so the correction costs no pass over memory of its own.
/// After the last attention only the rows that logits are wanted of go on.
/// </remarks>
internal sealed class DecoderGraph
{
    public const string Domain = "cacheproxy", AddNorm = "AddNorm", Attention = "PagedAttention", GatedSilu = "GatedSilu", AddOffsets = "AddOffsets";

    private const string Microsoft = "com.microsoft";

    /// <summary>MatMulNBits with 8-bit activations, one scale per 32: the fast path, and the same result whatever the number of rows.</summary>
    private const int AccuracyLevel = 4;

    private readonly ICheckpoint _checkpoint;
    private readonly DecoderConfig _config;
    private readonly OnnxGraph _graph = new("decoder");

    private DecoderGraph(ICheckpoint checkpoint, DecoderConfig config)
    {
        _checkpoint = checkpoint;
        _config = config;
    }

    /// <summary>An activation [T, width] and the sums of its blocks of 32.</summary>
    private readonly record struct Activation(string Values, string Sums);

    /// <summary>A product that still lacks its offsets: <see cref="Offsets"/> and <see cref="Sums"/> are empty where there are none.</summary>
    private readonly record struct Product(string Values, string Sums, string Offsets);

    /// <exception cref="ModelFormatException">A tensor is missing, of the wrong shape or of a format without code.</exception>
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
        string width = _config.Width.ToString(CultureInfo.InvariantCulture);
        string residual = _graph.Input(ModelGraph.Hidden, OnnxType.Float, "tokens", width);
        string rows = _graph.Input(ModelGraph.LogitRows, OnnxType.Int64, "rows");
        (Activation normed, residual) = Norm(new Product(residual, "", ""), "", "blk.0.attn_norm.weight");
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            string block = $"blk.{layer}.";
            AttentionShape shape = _config.Attention[layer];
            bool last = layer == _config.Layers - 1;
            Product packed = Project(normed, _config.Width, block + "attn_qkv", (block + "attn_q.weight", shape.QueryWidth), (block + "attn_k.weight", shape.CachedWidth), (block + "attn_v.weight", shape.CachedWidth));
            Activation attended = Operate(Attention, packed, block + "attended", ("layer", layer));
            if (last)
            {
                (attended, residual) = (new Activation(Select(attended.Values, rows), Select(attended.Sums, rows)), Select(residual, rows));
            }

            Product output = Project(attended, shape.QueryWidth, block + "attn_out", (block + "attn_output.weight", _config.Width));
            (normed, residual) = Norm(output, residual, block + "ffn_norm.weight");
            Product gates = Project(normed, _config.Width, block + "gate_up", (block + "ffn_gate.weight", _config.FeedForward), (block + "ffn_up.weight", _config.FeedForward));
            Activation gated = Operate(GatedSilu, gates, block + "gated", ("width", _config.FeedForward));
            Product down = Project(gated, _config.FeedForward, block + "down", (block + "ffn_down.weight", _config.Width));
            (normed, residual) = Norm(down, residual, last ? "output_norm.weight" : $"blk.{layer + 1}.attn_norm.weight");
        }

        WriteHead(normed);
    }

    private void WriteHead(Activation normed)
    {
        // Tied models have no matrix of their own for the output: the token table serves.
        string table = _checkpoint.Has("output.weight") ? "output.weight" : "token_embd.weight";
        Product product = Project(normed, _config.Width, "head", (table, _config.Vocabulary));
        if (product.Offsets.Length > 0)
        {
            _graph.Node(AddOffsets, Domain, [product.Values, product.Sums, product.Offsets], [ModelGraph.Logits], ("width", _config.Vocabulary));
        }
        else
        {
            _graph.Node("Identity", "", [product.Values], [ModelGraph.Logits]);
        }

        _graph.Output(ModelGraph.Logits, OnnxType.Float, "rows", _config.Vocabulary.ToString(CultureInfo.InvariantCulture));
    }

    private Activation Operate(string op, Product input, string name, params (string, object)[] attributes)
    {
        string sums = name + ".sums";
        _graph.Node(op, Domain, [input.Values, input.Sums, input.Offsets], [name, sums], attributes);
        return new Activation(name, sums);
    }

    /// <summary>residual + product (+ offsets), and its RMS norm.</summary>
    private (Activation Normed, string Residual) Norm(Product product, string residual, string weight)
    {
        IWeightMatrix tensor = Matrix(weight, _config.Width, 1);
        float[] gamma = new float[_config.Width];
        tensor.Dequantize(0, gamma);
        string constant = _graph.Constant(weight, gamma, _config.Width);
        string normed = weight + ".out", sums = weight + ".sums", sum = weight + ".residual";
        _graph.Node(AddNorm, Domain, [product.Values, product.Sums, product.Offsets, constant, residual], [normed, sums, sum], ("width", _config.Width), ("epsilon", _config.NormEpsilon));
        return (new Activation(normed, sums), sum);
    }

    private string Select(string values, string rows) => _graph.Node("Gather", "", [values, rows], [values + ".selected"], ("axis", 0));

    /// <summary>One product for all parts where their formats allow it, else one each, side by side.</summary>
    private Product Project(Activation input, int k, string name, params (string Tensor, int Rows)[] parts)
    {
        IWeightMatrix[] matrices = Array.ConvertAll(parts, part => Matrix(part.Tensor, k, part.Rows));
        if (ProjectionPacker.CanStack(matrices))
        {
            PackedProjection packed = ProjectionPacker.Pack(matrices);
            string offsets = packed.Offsets is null ? "" : Declare(name + ".offsets", OnnxType.Float, [packed.Offsets.ByteLength / sizeof(float)], packed.Offsets);
            return new Product(Multiply(input.Values, name, packed), offsets.Length > 0 ? input.Sums : "", offsets);
        }

        string[] products = Array.ConvertAll(matrices, matrix => Finished(input, matrix));
        return new Product(_graph.Node("Concat", "", products, [name + ".out"], ("axis", 1)), "", "");
    }

    private string Finished(Activation input, IWeightMatrix matrix)
    {
        Product product = Project(input, matrix.Columns, matrix.Name, (matrix.Name, matrix.Rows));
        return product.Offsets.Length == 0
            ? product.Values
            : _graph.Node(AddOffsets, Domain, [product.Values, product.Sums, product.Offsets], [matrix.Name + ".whole"], ("width", matrix.Rows));
    }

    private string Multiply(string input, string name, PackedProjection packed)
    {
        string output = name + ".out";
        if (packed.Scales is null)
        {
            string matrix = Declare(name + ".weights", OnnxType.Float, [packed.K, packed.N], packed.Weights);
            return _graph.Node("MatMul", "", [input, matrix], [output]);
        }

        string weights = Declare(name + ".weights", OnnxType.UInt8, [packed.N, packed.K / 32, packed.Bits * 4], packed.Weights);
        string scales = Declare(name + ".scales", OnnxType.Float, [(long)packed.N * packed.K / 32], packed.Scales);
        return _graph.Node("MatMulNBits", Microsoft, [input, weights, scales], [output],
            ("K", packed.K), ("N", packed.N), ("bits", packed.Bits), ("block_size", 32), ("accuracy_level", AccuracyLevel));
    }

    private string Declare(string name, OnnxType type, long[] shape, NativeBuffer data) =>
        _graph.External(new OnnxInitializer(name, type, shape, data), ModelGraph.Placeholder);

    private IWeightMatrix Matrix(string name, int columns, int rows)
    {
        IWeightMatrix tensor = _checkpoint.Get(name);
        return (tensor.Columns, tensor.Rows) == (columns, rows)
            ? tensor
            : throw new ModelFormatException(_checkpoint.Path, name, $"is [{tensor.Columns}, {tensor.Rows}], not [{columns}, {rows}]");
    }
}
