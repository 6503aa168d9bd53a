namespace CacheProxy.SemanticCache.Encoders;

/// <param name="Cached">The question that was answered (the model's first sentence: the order matters a little).</param>
/// <param name="Asked">The question that waits.</param>
public readonly record struct QuestionPair(string Cached, string Asked);
