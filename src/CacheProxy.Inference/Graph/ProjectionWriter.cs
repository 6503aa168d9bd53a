using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Graph;

/// <summary>Writes products of activations with weight matrices into a graph.</summary>
internal sealed class ProjectionWriter(OnnxGraph graph)
{
    private const string Microsoft = "com.microsoft";

    /// <summary>MatMulNBits with 8-bit activations, one scale per 32: the fast path, and the same result whatever the number of rows.</summary>
    private const int AccuracyLevel = 4;

    /// <summary>One product for all matrices where their formats allow it, else one each, side by side.</summary>
    /// <param name="input">[T, columns of the matrices].</param>
    /// <param name="name">Of the product in the graph.</param>
    /// <param name="factor">What the weights are multiplied with.</param>
    /// <param name="matrices">Stacked by rows in this order.</param>
    public Product Project(Activation input, string name, float factor, params IWeightMatrix[] matrices)
    {
        if (ProjectionPacker.CanStack(matrices))
        {
            PackedProjection packed = ProjectionPacker.Pack(factor, matrices);
            string offsets = packed.Offsets is null ? "" : Declare(name + ".offsets", OnnxType.Float, [packed.Offsets.ByteLength / sizeof(float)], packed.Offsets);
            return new Product(Multiply(input.Values, name, packed), offsets.Length > 0 ? input.Sums : "", offsets);
        }

        string[] products = Array.ConvertAll(matrices, matrix => Finish(Project(input, matrix.Name, factor, matrix), matrix.Name + ".whole", matrix.Rows));
        return new Product(graph.Node("Concat", "", products, [name + ".out"], ("axis", 1)), "", "");
    }

    /// <summary>Adds a product's offsets where nothing behind it does, and returns the whole.</summary>
    public string Finish(Product product, string name, int width) => product.Offsets.Length == 0
        ? product.Values
        : graph.Node(DecoderGraph.AddOffsets, DecoderGraph.Domain, [product.Values, product.Sums, product.Offsets], [name], ("width", width));

    private string Multiply(string input, string name, PackedProjection packed)
    {
        string output = name + ".out";
        if (packed.Scales is null)
        {
            string matrix = Declare(name + ".weights", OnnxType.Float, [packed.K, packed.N], packed.Weights);
            return graph.Node("MatMul", "", [input, matrix], [output]);
        }

        string weights = Declare(name + ".weights", OnnxType.UInt8, [packed.N, packed.K / 32, packed.Bits * 4], packed.Weights);
        string scales = Declare(name + ".scales", OnnxType.Float, [(long)packed.N * packed.K / 32], packed.Scales);
        return graph.Node("MatMulNBits", Microsoft, [input, weights, scales], [output],
            ("K", packed.K), ("N", packed.N), ("bits", packed.Bits), ("block_size", 32), ("accuracy_level", AccuracyLevel));
    }

    private string Declare(string name, OnnxType type, long[] shape, NativeBuffer data) =>
        graph.External(new OnnxInitializer(name, type, shape, data), ModelGraph.Placeholder);
}
