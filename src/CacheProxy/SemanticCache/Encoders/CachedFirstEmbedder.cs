namespace CacheProxy.SemanticCache.Encoders;

/// <summary>For work behind the requests: takes a vector that a look-up has left, else asks an embedder that may take its time.</summary>
public sealed class CachedFirstEmbedder(CachingEmbedder remembered, IEmbedder embedder) : IEmbedder
{
    public string Fingerprint => embedder.Fingerprint;

    public int Dimensions => embedder.Dimensions;

    public ValueTask<Embedding> EmbedAsync(string text, CancellationToken cancellationToken)
        => remembered.TryGet(text, out Embedding embedding) ? new(embedding) : embedder.EmbedAsync(text, cancellationToken);
}
