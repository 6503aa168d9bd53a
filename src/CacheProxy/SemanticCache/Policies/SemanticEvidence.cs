namespace CacheProxy.SemanticCache.Policies;

/// <summary>What is known about one candidate when a policy is asked. No guard has vetoed it, and the verifier has read all of it.</summary>
/// <param name="Cosine">Of the encoder's two vectors.</param>
/// <param name="Logit">The verifier's.</param>
public readonly record struct SemanticEvidence(float Cosine, float Logit);
