using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Graph;

/// <summary>The pieces that <see cref="DecoderGraph"/> puts together, in the operators of one kind of hardware.</summary>
internal abstract class DecoderOperators(OnnxGraph graph, DecoderConfig config)
{
    protected OnnxGraph Graph { get; } = graph;

    protected DecoderConfig Config { get; } = config;

    /// <summary>Declares what the graph reads besides <see cref="ModelGraph.LogitRows"/>.</summary>
    /// <returns>The residual stream, [T, width].</returns>
    public abstract string Embed(DecoderTensors tensors);

    /// <summary>One product for all matrices where their formats allow it, else one each, side by side.</summary>
    /// <param name="input">[T, columns of the matrices].</param>
    /// <param name="name">Of the product in the graph.</param>
    /// <param name="factor">What the weights are multiplied with.</param>
    /// <param name="matrices">Stacked by rows in this order.</param>
    public Product Project(Activation input, string name, float factor, params IWeightMatrix[] matrices)
    {
        IReadOnlyList<IWeightMatrix[]> stacks = ProjectionPacker.Stacks(matrices);
        if (stacks.Count == 1)
        {
            return Multiply(input, name, ProjectionPacker.Pack(factor, matrices));
        }

        string[] products =
        [
            .. stacks.Select(stack => Finish(
                Multiply(input, stack[0].Name, ProjectionPacker.Pack(factor, stack)), stack[0].Name + ".whole", stack.Sum(matrix => matrix.Rows))),
        ];
        return new Product(Graph.Node("Concat", "", products, [name + ".out"], ("axis", 1)), "", "");
    }

    /// <summary>Adds a product's offsets where nothing behind it does, and returns the whole.</summary>
    public abstract string Finish(Product product, string name, int width);

    /// <summary>Attention of a layer.</summary>
    /// <param name="packed">Queries, keys, values side by side.</param>
    /// <param name="layer">Which one.</param>
    /// <param name="extras">Constants of the layer, each empty where it has none.</param>
    public abstract Activation Attend(Product packed, int layer, AttentionExtras extras);

    /// <summary>function(gate) * up of [T, gate + up].</summary>
    public abstract Activation Gate(Product gates, string name);

    /// <summary>residual + product (normed with <paramref name="after"/>), and that sum normed with <paramref name="before"/>.</summary>
    /// <param name="name">Of the place in the graph.</param>
    /// <param name="product">The branch.</param>
    /// <param name="residual">The stream; empty: the branch is the stream.</param>
    /// <param name="after">A constant; empty: no norm.</param>
    /// <param name="before">A constant; empty: no norm.</param>
    public abstract (Activation Normed, string Residual) Close(string name, Product product, string residual, string after, string before);

    /// <summary>A small vector in the type of the activations.</summary>
    public abstract string Constant(string name, float[] values);

    /// <summary>Declares <see cref="ModelGraph.Logits"/>, floats whatever the type of the activations.</summary>
    public abstract void Output(string logits);

    public string Select(string values, string rows) =>
        values.Length == 0 ? "" : Graph.Node("Gather", "", [values, rows], [values + ".selected"], ("axis", 0));

    public Activation Select(Activation activation, string rows) => new(Select(activation.Values, rows), Select(activation.Sums, rows));

    /// <summary>The product with one stack of weights, whose buffers become the graph's.</summary>
    protected abstract Product Multiply(Activation input, string name, PackedProjection packed);
}
