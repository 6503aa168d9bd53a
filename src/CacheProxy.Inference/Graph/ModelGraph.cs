namespace CacheProxy.Inference.Graph;

/// <summary>A model ready for a session: the graph's bytes and the constants that go beside it, owned by this object.</summary>
/// <remarks>Inputs: <see cref="Hidden"/> [T, width] floats and <see cref="LogitRows"/> [M] int64. Output: <see cref="Logits"/> [M, vocabulary].</remarks>
internal sealed record ModelGraph(DecoderConfig Config, byte[] Model, IReadOnlyList<OnnxInitializer> Initializers) : IDisposable
{
    public const string Hidden = "hidden", LogitRows = "logit_rows", Logits = "logits";

    /// <summary>File name, beside the model, that the declared constants point at.</summary>
    public const string Placeholder = "weights.bin";

    public void Dispose()
    {
        foreach (OnnxInitializer initializer in Initializers)
        {
            initializer.Data.Dispose();
        }
    }
}
