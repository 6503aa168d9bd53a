namespace CacheProxy.SemanticCache.Encoders;

/// <param name="Logit">High: both ask for the same answer.</param>
/// <param name="IsTruncated">The pair was longer than the model reads; such a pair must not be served on its word.</param>
public readonly record struct VerifierScore(float Logit, bool IsTruncated);
