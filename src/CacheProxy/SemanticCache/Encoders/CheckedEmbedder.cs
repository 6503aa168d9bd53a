using System.Numerics.Tensors;

namespace CacheProxy.SemanticCache.Encoders;

/// <summary>Lets no vector by that means nothing: of another width, with a component that is no number, or without a direction.</summary>
public sealed class CheckedEmbedder(IEmbedder inner) : IEmbedder
{
    // An encoder that fails tends to give zeros.
    private const float MinimumNorm = 1e-6f;

    public string Fingerprint => inner.Fingerprint;

    public int Dimensions => inner.Dimensions;

    /// <exception cref="InvalidDataException">The vector is unusable; the message says why.</exception>
    public async ValueTask<Embedding> EmbedAsync(string text, CancellationToken cancellationToken)
    {
        Embedding embedding = await inner.EmbedAsync(text, cancellationToken);
        if (embedding.Vector.Length != Dimensions)
        {
            throw new InvalidDataException($"The embedder gave a vector of {embedding.Vector.Length} components; {Dimensions} are wanted.");
        }

        float norm = TensorPrimitives.Norm(embedding.Vector.Span);
        return float.IsFinite(norm) && norm >= MinimumNorm
            ? embedding
            : throw new InvalidDataException("The embedder gave a vector without a direction: zero, or with a component that is no number.");
    }
}
