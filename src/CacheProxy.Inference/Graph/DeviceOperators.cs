using System.Globalization;
using System.Runtime.InteropServices;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Graph;

/// <summary>
/// The pieces for a device: operators of the runtime alone, and com.microsoft.PagedAttention over a pool that lies on the device.
/// All activations have one element type; a product's offsets are added at once, so sums of blocks never travel.
/// </summary>
internal sealed class DeviceOperators(OnnxGraph graph, DecoderConfig config, OnnxType type, string attentionDomain) : DecoderOperators(graph, config)
{
    private const string Microsoft = "com.microsoft";
    private const int Block = 32;

    private readonly HashSet<int> _rotations = [];

    public override string Embed(DecoderTensors tensors)
    {
        DeclareInputs();
        IWeightMatrix table = tensors.Matrix("token_embd.weight", Config.Width, Config.Vocabulary);
        var values = new NativeBuffer((long)table.Rows * table.Columns * sizeof(float));
        Parallel.For(0, table.Rows, row => table.Dequantize(row, FloatsOf(values, row, table.Columns)));
        string rows = Declare("tokens.weights", type, [table.Rows, table.Columns], DeviceWeights.Convert(values, type));
        string embedded = Graph.Node("Gather", "", [rows, DeviceInputs.Tokens], ["embedded"], ("axis", 0));
        return Config.EmbeddingScale == 1 ? embedded : Graph.Node("Mul", "", [embedded, Constant("embedded.scale", [Config.EmbeddingScale])], ["embedded.scaled"]);
    }

    public override string Finish(Product product, string name, int width) => product.Values;

    public override Activation Attend(Product packed, int layer, AttentionExtras extras)
    {
        AttentionShape shape = Config.Attention[layer];
        string name = $"blk.{layer}.attended", values = packed.Values;
        if (extras.Bias.Length > 0)
        {
            values = Graph.Node("Add", "", [values, extras.Bias], [name + ".biased"]);
        }

        (string query, string key, string value) = (values, "", "");
        (string queryNorm, string keyNorm) = (extras.QueryNorm, extras.KeyNorm);
        if (shape.HeadNorm == HeadNorm.Whole)
        {
            (query, key, value) = NormWhole(values, name, shape, extras);
            queryNorm = keyNorm = "";
        }

        (string cos, string sin) = shape.Rotation < 0 ? ("", "") : Rotation(shape.Rotation);
        string[] inputs =
        [
            query, key, value, DeviceInputs.Keys(layer), DeviceInputs.Values(layer), DeviceInputs.CumulativeLengths, DeviceInputs.PastLengths,
            DeviceInputs.BlockTable, cos, sin, DeviceInputs.Slots, "", queryNorm, keyNorm, "", "", DeviceInputs.Bounds,
        ];
        Graph.Node(
            "PagedAttention", attentionDomain, inputs, [name, DeviceInputs.KeysOut(layer), DeviceInputs.ValuesOut(layer)],
            ("num_heads", shape.QueryHeads), ("kv_num_heads", shape.KeyValueHeads), ("scale", shape.Scale), ("softcap", shape.SoftCap),
            ("local_window_size", shape.Window > 0 ? shape.Window : -1), ("do_rotary", shape.Rotation < 0 ? 0 : 1),
            ("rotary_interleaved", shape.Layout == RotaryLayout.Pairs ? 1 : 0), ("qk_norm_epsilon", Config.NormEpsilon));
        return new Activation(name, "");
    }

    public override Activation Gate(Product gates, string name)
    {
        string gate = name + ".gate", up = name + ".up";
        Graph.Node("Split", "", [gates.Values], [gate, up], ("axis", 1), ("num_outputs", 2));
        string active = Config.Gate == GateFunction.Silu
            ? Graph.Node("QuickGelu", Microsoft, [gate], [name + ".active"], ("alpha", 1f))
            : Graph.Node("FastGelu", Microsoft, [gate], [name + ".active"]);
        return new Activation(Graph.Node("Mul", "", [active, up], [name]), "");
    }

    public override (Activation Normed, string Residual) Close(string name, Product product, string residual, string after, string before)
    {
        string branch = after.Length == 0 ? product.Values : Norm(product.Values, after, name + ".branch");
        string normed = name + ".normed", sum = name + ".residual";
        if (residual.Length == 0)
        {
            return (new Activation(before.Length == 0 ? branch : Norm(branch, before, normed), ""), branch);
        }

        if (before.Length == 0)
        {
            Graph.Node("Add", "", [branch, residual], [sum]);
            return (new Activation(sum, ""), sum);
        }

        Graph.Node("SkipSimplifiedLayerNormalization", Microsoft, [branch, residual, before], [normed, "", "", sum], ("epsilon", Config.NormEpsilon));
        return (new Activation(normed, ""), sum);
    }

    public override string Constant(string name, float[] values)
    {
        using NativeBuffer converted = DeviceWeights.Convert(values, type);
        return Graph.Constant(name, type, BytesOf(converted), values.Length);
    }

    public override void Output(string logits)
    {
        Graph.Node("Cast", "", [logits], [ModelGraph.Logits], ("to", (int)OnnxType.Float));
        Graph.Output(ModelGraph.Logits, OnnxType.Float, "rows", Text(Config.Vocabulary));
    }

    protected override Product Multiply(Activation input, string name, PackedProjection packed) => new(Multiply(input.Values, name, packed), "", "");

    private void DeclareInputs()
    {
        Graph.Input(DeviceInputs.Tokens, OnnxType.Int64, "tokens");
        Graph.Input(DeviceInputs.CumulativeLengths, OnnxType.Int32, "boundaries");
        Graph.Input(DeviceInputs.PastLengths, OnnxType.Int32, "sequences");
        Graph.Input(DeviceInputs.BlockTable, OnnxType.Int32, "sequences", "width");
        Graph.Input(DeviceInputs.Slots, OnnxType.Int32, "tokens");
        Graph.Input(DeviceInputs.Bounds, OnnxType.Int32, "2");
        for (int layer = 0; layer < Config.Layers; layer++)
        {
            string[] shape = ["blocks", "block_size", Text(Config.Attention[layer].KeyValueHeads), Text(Config.Attention[layer].HeadSize)];
            Graph.Input(DeviceInputs.Keys(layer), type, shape);
            Graph.Input(DeviceInputs.Values(layer), type, shape);
            Graph.Output(DeviceInputs.KeysOut(layer), type, shape);
            Graph.Output(DeviceInputs.ValuesOut(layer), type, shape);
        }
    }

    private string Multiply(string input, string name, PackedProjection packed)
    {
        string output = name + ".out";
        if (packed.Scales is null)
        {
            string matrix = Declare(name + ".weights", type, [packed.K, packed.N], DeviceWeights.Convert(packed.Weights, type));
            return Graph.Node("MatMul", "", [input, matrix], [output]);
        }

        int bits = packed.Packing.Bits(), block = packed.Packing.BlockSize();
        string weights = Declare(name + ".weights", OnnxType.UInt8, [packed.N, packed.K / block, block * bits / 8], packed.Weights);
        string scales = Declare(name + ".scales", type, [(long)packed.N * packed.K / block], DeviceWeights.Convert(packed.Scales, type));
        string product = packed.Offsets is null ? output : name + ".scaled";
        Graph.Node("MatMulNBits", Microsoft, [input, weights, scales], [product], ("K", packed.K), ("N", packed.N), ("bits", bits), ("block_size", block));
        return packed.Offsets is null ? product : AddOffsets(product, input, name, packed);
    }

    /// <summary>+ sums of the input's blocks * offsets.</summary>
    private string AddOffsets(string product, string input, string name, PackedProjection packed)
    {
        int blocks = packed.K / Block;
        string offsets = Declare(name + ".offsets", type, [blocks, packed.N], DeviceWeights.ConvertOffsets(packed, type));
        string shape = Graph.Constant(name + ".blocks", OnnxType.Int64, MemoryMarshal.AsBytes<long>([-1, blocks, Block]), 3);
        string axes = Graph.Constant(name + ".axes", OnnxType.Int64, MemoryMarshal.AsBytes<long>([2]), 1);
        string cut = Graph.Node("Reshape", "", [input, shape], [name + ".cut"]);
        string sums = Graph.Node("ReduceSum", "", [cut, axes], [name + ".sums"], ("keepdims", 0));
        string correction = Graph.Node("MatMul", "", [sums, offsets], [name + ".correction"]);
        return Graph.Node("Add", "", [product, correction], [name + ".out"]);
    }

    /// <summary>PagedAttention norms heads, not whole projections: those are cut off and normed in front of it.</summary>
    private (string Query, string Key, string Value) NormWhole(string packed, string name, AttentionShape shape, AttentionExtras extras)
    {
        string lengths = Graph.Constant(name + ".lengths", OnnxType.Int64, MemoryMarshal.AsBytes<long>([shape.QueryWidth, shape.CachedWidth, shape.CachedWidth]), 3);
        string value = name + ".value";
        Graph.Node("Split", "", [packed, lengths], [name + ".query", name + ".key", value], ("axis", 1));
        return (Norm(name + ".query", extras.QueryNorm, name + ".query.normed"), Norm(name + ".key", extras.KeyNorm, name + ".key.normed"), value);
    }

    private string Norm(string values, string gamma, string name) =>
        Graph.Node("SimplifiedLayerNormalization", "", [values, gamma], [name], ("axis", -1), ("epsilon", Config.NormEpsilon), ("stash_type", 1));

    /// <summary>Cosines and sines for every position, [context, pairs], shared by the layers that turn alike.</summary>
    private (string Cos, string Sin) Rotation(int index)
    {
        string cos = $"rotation.{index}.cos", sin = $"rotation.{index}.sin";
        RotaryTable table = Config.Rotations[index];
        if (table.LongFrequencies is not null && Config.ContextLength > table.OriginalContext)
        {
            throw new NotSupportedException("its rotary angles change with the length of the sequence, which PagedAttention's tables cannot say");
        }

        if (_rotations.Add(index))
        {
            int pairs = table.Frequencies.Length;
            float[] cosines = new float[Config.ContextLength * pairs], sines = new float[cosines.Length];
            for (int i = 0; i < cosines.Length; i++)
            {
                (double sine, double cosine) = Math.SinCos(i / pairs * table.Frequencies[i % pairs]);
                (cosines[i], sines[i]) = ((float)cosine * table.Magnitude, (float)sine * table.Magnitude);
            }

            Declare(cos, type, [Config.ContextLength, pairs], DeviceWeights.Convert(cosines, type));
            Declare(sin, type, [Config.ContextLength, pairs], DeviceWeights.Convert(sines, type));
        }

        return (cos, sin);
    }

    /// <summary>Each constant points at a file of its own name: that is how the runtime finds its bytes in memory.</summary>
    private string Declare(string name, OnnxType element, long[] shape, NativeBuffer data) =>
        Graph.External(new OnnxInitializer(name, element, shape, data), name);

    private static string Text(int size) => size.ToString(CultureInfo.InvariantCulture);

    private static unsafe Span<float> FloatsOf(NativeBuffer buffer, int row, int columns) => new(buffer.Floats + ((long)row * columns), columns);

    private static unsafe ReadOnlySpan<byte> BytesOf(NativeBuffer buffer) => new(buffer.Bytes, (int)buffer.ByteLength);
}
