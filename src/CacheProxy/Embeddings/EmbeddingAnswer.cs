namespace CacheProxy.Embeddings;

/// <summary>An upstream's answer, checked against what was asked.</summary>
/// <param name="Model">As the upstream named it; null: it did not.</param>
/// <param name="Tokens">Of all inputs; -1: not reported.</param>
/// <param name="Bodies">A <see cref="StoredVector"/> for each input that was sent, in that order; all of one length.</param>
internal sealed record EmbeddingAnswer(string? Model, long Tokens, byte[][] Bodies);
