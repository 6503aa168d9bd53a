using System.Globalization;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Graph;

/// <summary>The pieces for the CPU: products of the runtime, and operators of <see cref="Domain"/> that do all between two of them in one pass.</summary>
/// <remarks>
/// Activations that feed a product with offsets travel with the sums of their blocks of 32 ([T, K/32]); the operator behind the product
/// adds sums * offsets, so the correction costs no pass over memory of its own.
/// </remarks>
internal sealed class FusedOperators(OnnxGraph graph, DecoderConfig config) : DecoderOperators(graph, config)
{
    public const string Domain = "cacheproxy", AddNorm = "AddNorm", Attention = "PagedAttention", Gated = "Gated", AddOffsets = "AddOffsets";

    private const string Microsoft = "com.microsoft";

    /// <summary>MatMulNBits with 8-bit activations, one scale per block: the fast path, and the same result whatever the number of rows.</summary>
    private const int AccuracyLevel = 4;

    /// <summary>Token rows are looked up outside: the table stays in its file.</summary>
    public override string Embed(DecoderTensors tensors) => Graph.Input(ModelGraph.Hidden, OnnxType.Float, "tokens", Config.Width.ToString(CultureInfo.InvariantCulture));

    public override string Finish(Product product, string name, int width) => product.Offsets.Length == 0
        ? product.Values
        : Graph.Node(AddOffsets, Domain, [product.Values, product.Sums, product.Offsets], [name], ("width", width));

    public override Activation Attend(Product packed, int layer, AttentionExtras extras) => Operate(
        Attention, [packed.Values, packed.Sums, packed.Offsets, extras.QueryNorm, extras.KeyNorm, extras.Bias], $"blk.{layer}.attended", ("layer", layer));

    public override Activation Gate(Product gates, string name) =>
        Operate(Gated, [gates.Values, gates.Sums, gates.Offsets], name, ("width", Config.FeedForward), ("function", (int)Config.Gate));

    public override (Activation Normed, string Residual) Close(string name, Product product, string residual, string after, string before)
    {
        string normed = name + ".normed", sums = name + ".normed.sums", sum = name + ".residual";
        Graph.Node(AddNorm, Domain, [product.Values, product.Sums, product.Offsets, before, residual, after], [normed, sums, sum],
            ("width", Config.Width), ("epsilon", Config.NormEpsilon));
        return (new Activation(normed, sums), sum);
    }

    public override string Constant(string name, float[] values) => Graph.Constant(name, values, values.Length);

    public override void Output(string logits)
    {
        Graph.Node("Identity", "", [logits], [ModelGraph.Logits]);
        Graph.Output(ModelGraph.Logits, OnnxType.Float, "rows", Config.Vocabulary.ToString(CultureInfo.InvariantCulture));
    }

    private Activation Operate(string op, string[] inputs, string name, params (string, object)[] attributes)
    {
        string sums = name + ".sums";
        Graph.Node(op, Domain, inputs, [name, sums], attributes);
        return new Activation(name, sums);
    }

    protected override Product Multiply(Activation input, string name, PackedProjection packed)
    {
        string offsets = packed.Offsets is null ? "" : Declare(name + ".offsets", OnnxType.Float, [packed.Offsets.ByteLength / sizeof(float)], packed.Offsets);
        return new Product(Multiply(input.Values, name, packed), offsets.Length > 0 ? input.Sums : "", offsets);
    }

    private string Multiply(string input, string name, PackedProjection packed)
    {
        string output = name + ".out";
        if (packed.Scales is null)
        {
            string matrix = Declare(name + ".weights", OnnxType.Float, [packed.K, packed.N], packed.Weights);
            return Graph.Node("MatMul", "", [input, matrix], [output]);
        }

        int bits = packed.Packing.Bits(), block = packed.Packing.BlockSize();
        string weights = Declare(name + ".weights", OnnxType.UInt8, [packed.N, packed.K / block, block * bits / 8], packed.Weights);
        string scales = Declare(name + ".scales", OnnxType.Float, [(long)packed.N * packed.K / block], packed.Scales);
        return Graph.Node("MatMulNBits", Microsoft, [input, weights, scales], [output],
            ("K", packed.K), ("N", packed.N), ("bits", bits), ("block_size", block), ("accuracy_level", AccuracyLevel));
    }

    private string Declare(string name, OnnxType type, long[] shape, NativeBuffer data) =>
        Graph.External(new OnnxInitializer(name, type, shape, data), ModelGraph.Placeholder);
}
