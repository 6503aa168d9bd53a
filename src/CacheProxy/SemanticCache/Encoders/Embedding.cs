namespace CacheProxy.SemanticCache.Encoders;

/// <param name="Vector">[dimensions], L2-normalised.</param>
/// <param name="IsTruncated">The text was longer than the encoder reads: the vector speaks for its beginning only.</param>
public readonly record struct Embedding(ReadOnlyMemory<float> Vector, bool IsTruncated);
