using System.Runtime.InteropServices;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Graph;

/// <summary>The pieces of <see cref="DeviceGraph"/> in the runtime's own operators, all activations in one element type.</summary>
internal sealed class DeviceOperators(OnnxGraph graph, ICheckpoint checkpoint, DecoderConfig config, OnnxType type, string attentionDomain)
{
    private const string Microsoft = "com.microsoft";
    private const int Block = 32;

    private readonly HashSet<int> _rotations = [];

    /// <summary>Rows of the token table, [T, width].</summary>
    public string Embed(string tokens)
    {
        IWeightMatrix table = Matrix("token_embd.weight", config.Width, config.Vocabulary);
        var values = new NativeBuffer((long)table.Rows * table.Columns * sizeof(float));
        Parallel.For(0, table.Rows, row => table.Dequantize(row, FloatsOf(values, row, table.Columns)));
        string rows = Declare("tokens.weights", type, [table.Rows, table.Columns], DeviceWeights.Convert(values, type));
        return graph.Node("Gather", "", [rows, tokens], ["embedded"], ("axis", 0));
    }

    /// <summary>RMS norm of the stream as it is.</summary>
    public string Norm(string residual, string weight) =>
        graph.Node("SimplifiedLayerNormalization", "", [residual, Gamma(weight)], [weight + ".out"], ("axis", -1), ("epsilon", config.NormEpsilon), ("stash_type", 1));

    /// <summary>stream + branch, and its RMS norm.</summary>
    public (string Normed, string Residual) AddNorm(string branch, string residual, string weight)
    {
        string normed = weight + ".out", sum = weight + ".residual";
        graph.Node("SkipSimplifiedLayerNormalization", Microsoft, [branch, residual, Gamma(weight)], [normed, "", "", sum], ("epsilon", config.NormEpsilon));
        return (normed, sum);
    }

    /// <summary>Attention of a layer over its packed projection [T, queries + keys + values].</summary>
    public string Attend(string packed, int layer)
    {
        AttentionShape shape = config.Attention[layer];
        string cos = "", sin = "";
        if (shape.Rotation >= 0)
        {
            (cos, sin) = Rotation(shape.Rotation);
        }

        string[] inputs =
        [
            packed, "", "", DeviceGraph.Keys(layer), DeviceGraph.Values(layer), DeviceGraph.CumulativeLengths, DeviceGraph.PastLengths,
            DeviceGraph.BlockTable, cos, sin, DeviceGraph.Slots, "", "", "", "", "", DeviceGraph.Bounds,
        ];
        return graph.Node(
            "PagedAttention", attentionDomain, inputs, [$"blk.{layer}.attended", DeviceGraph.KeysOut(layer), DeviceGraph.ValuesOut(layer)],
            ("num_heads", shape.QueryHeads), ("kv_num_heads", shape.KeyValueHeads), ("scale", shape.Scale), ("softcap", shape.SoftCap),
            ("local_window_size", shape.Window > 0 ? shape.Window : -1), ("do_rotary", shape.Rotation >= 0 ? 1 : 0),
            ("rotary_interleaved", shape.Layout == RotaryLayout.Pairs ? 1 : 0));
    }

    /// <summary>activation(gate) * up of [T, gate + up].</summary>
    public string Gate(string gates, string name)
    {
        string gate = name + ".gate", up = name + ".up";
        graph.Node("Split", "", [gates], [gate, up], ("axis", 1), ("num_outputs", 2));
        string active = graph.Node("QuickGelu", Microsoft, [gate], [name + ".active"], ("alpha", 1f));
        return graph.Node("Mul", "", [active, up], [name]);
    }

    public string Select(string values, string rows) => graph.Node("Gather", "", [values, rows], [values + ".selected"], ("axis", 0));

    public string ToFloat(string values, string name) => graph.Node("Cast", "", [values], [name], ("to", (int)OnnxType.Float));

    /// <summary>One product for all parts where their formats allow it, else one each, side by side.</summary>
    public string Project(string input, int k, string name, params (string Tensor, int Rows)[] parts)
    {
        IWeightMatrix[] matrices = Array.ConvertAll(parts, part => Matrix(part.Tensor, k, part.Rows));
        if (!ProjectionPacker.CanStack(matrices))
        {
            string[] products = Array.ConvertAll(matrices, matrix => Multiply(input, matrix.Name, ProjectionPacker.Pack(1, matrix)));
            return graph.Node("Concat", "", products, [name + ".out"], ("axis", 1));
        }

        return Multiply(input, name, ProjectionPacker.Pack(1, matrices));
    }

    private string Multiply(string input, string name, PackedProjection packed)
    {
        string output = name + ".out";
        if (packed.Scales is null)
        {
            string matrix = Declare(name + ".weights", type, [packed.K, packed.N], DeviceWeights.Convert(packed.Weights, type));
            return graph.Node("MatMul", "", [input, matrix], [output]);
        }

        string weights = Declare(name + ".weights", OnnxType.UInt8, [packed.N, packed.K / Block, packed.Bits * 4], packed.Weights);
        string scales = Declare(name + ".scales", type, [(long)packed.N * packed.K / Block], DeviceWeights.Convert(packed.Scales, type));
        string product = packed.Offsets is null ? output : name + ".scaled";
        graph.Node("MatMulNBits", Microsoft, [input, weights, scales], [product], ("K", packed.K), ("N", packed.N), ("bits", packed.Bits), ("block_size", Block));
        return packed.Offsets is null ? product : AddOffsets(product, input, name, packed);
    }

    /// <summary>+ sums of the input's blocks * offsets.</summary>
    private string AddOffsets(string product, string input, string name, PackedProjection packed)
    {
        int blocks = packed.K / Block;
        string offsets = Declare(name + ".offsets", type, [blocks, packed.N], DeviceWeights.ConvertOffsets(packed, type));
        string shape = graph.Constant(name + ".blocks", OnnxType.Int64, MemoryMarshal.AsBytes<long>([-1, blocks, Block]), 3);
        string axes = graph.Constant(name + ".axes", OnnxType.Int64, MemoryMarshal.AsBytes<long>([2]), 1);
        string cut = graph.Node("Reshape", "", [input, shape], [name + ".cut"]);
        string sums = graph.Node("ReduceSum", "", [cut, axes], [name + ".sums"], ("keepdims", 0));
        string correction = graph.Node("MatMul", "", [sums, offsets], [name + ".correction"]);
        return graph.Node("Add", "", [product, correction], [name + ".out"]);
    }

    private string Gamma(string weight)
    {
        float[] gamma = new float[config.Width];
        Matrix(weight, config.Width, 1).Dequantize(0, gamma);
        return Small(weight, gamma, config.Width);
    }

    /// <summary>Cosines and sines for every position, [context, pairs], shared by the layers that turn alike.</summary>
    private (string Cos, string Sin) Rotation(int index)
    {
        string cos = $"rotation.{index}.cos", sin = $"rotation.{index}.sin";
        if (_rotations.Add(index))
        {
            RotaryTable table = config.Rotations[index];
            int pairs = table.Frequencies.Length;
            float[] cosines = new float[config.ContextLength * pairs], sines = new float[cosines.Length];
            for (int i = 0; i < cosines.Length; i++)
            {
                (double sine, double cosine) = Math.SinCos(i / pairs * table.Frequencies[i % pairs]);
                (cosines[i], sines[i]) = ((float)cosine * table.Magnitude, (float)sine * table.Magnitude);
            }

            Declare(cos, type, [config.ContextLength, pairs], DeviceWeights.Convert(cosines, type));
            Declare(sin, type, [config.ContextLength, pairs], DeviceWeights.Convert(sines, type));
        }

        return (cos, sin);
    }

    private string Small(string name, ReadOnlySpan<float> values, params long[] shape)
    {
        using NativeBuffer converted = DeviceWeights.Convert(values, type);
        return graph.Constant(name, type, BytesOf(converted), shape);
    }

    /// <summary>Each constant points at a file of its own name: that is how the runtime finds its bytes in memory.</summary>
    private string Declare(string name, OnnxType element, long[] shape, NativeBuffer data) =>
        graph.External(new OnnxInitializer(name, element, shape, data), name);

    private IWeightMatrix Matrix(string name, int columns, int rows)
    {
        IWeightMatrix tensor = checkpoint.Get(name);
        return (tensor.Columns, tensor.Rows) == (columns, rows)
            ? tensor
            : throw new ModelFormatException(checkpoint.Path, name, $"is [{tensor.Columns}, {tensor.Rows}], not [{columns}, {rows}]");
    }

    private static unsafe Span<float> FloatsOf(NativeBuffer buffer, int row, int columns) => new(buffer.Floats + ((long)row * columns), columns);

    private static unsafe ReadOnlySpan<byte> BytesOf(NativeBuffer buffer) => new(buffer.Bytes, (int)buffer.ByteLength);
}
