namespace CacheProxy.SemanticCache.Encoders;

/// <summary>Turns a question into a vector whose angle to another tells how alike they are. Faults surface as exceptions; a call never blocks its caller before its first await.</summary>
public interface IEmbedder
{
    /// <summary>Changes whenever the same text may get another vector: model file, pooling, prefix. Vectors of two fingerprints are never compared.</summary>
    string Fingerprint { get; }

    int Dimensions { get; }

    ValueTask<Embedding> EmbedAsync(string text, CancellationToken cancellationToken);
}
