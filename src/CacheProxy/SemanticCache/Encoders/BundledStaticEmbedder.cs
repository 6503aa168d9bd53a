using CacheProxy.Onnx.Encoders;

namespace CacheProxy.SemanticCache.Encoders;

/// <summary>The bundled static vectors. A text of which more than half of the word pieces is unknown has no vector: emoji, foreign scripts, noise.</summary>
public sealed class BundledStaticEmbedder(StaticTextEmbedder embedder) : IStaticEmbedder
{
    public string Fingerprint => embedder.Fingerprint;

    public int Dimensions => embedder.Dimensions;

    public bool TryEmbed(ReadOnlySpan<char> text, Span<float> vector)
    {
        StaticEmbeddingInfo info = embedder.Embed(text, vector);
        return !info.IsEmpty && info.UnknownCount * 2 <= info.TokenCount;
    }
}
