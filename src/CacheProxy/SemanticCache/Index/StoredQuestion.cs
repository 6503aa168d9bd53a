namespace CacheProxy.SemanticCache.Index;

/// <param name="Vector">As the embedder gave it, to half precision.</param>
public readonly record struct StoredQuestion(IndexedQuestion Question, float[] Vector);
