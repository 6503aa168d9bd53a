using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Cascade;

/// <summary>Two questions that no guard keeps apart, as the verifier and the policy get them.</summary>
/// <param name="Scope">Whose candidate it is.</param>
/// <param name="Cached">The question that was answered.</param>
/// <param name="Asked">The question that waits.</param>
/// <param name="Cosine">Of the encoder's two vectors.</param>
/// <param name="StaticCosine">Of the static embedder's; null: there is none.</param>
public readonly record struct PairCandidate(PolicyScope Scope, QuestionText Cached, QuestionText Asked, float Cosine, float? StaticCosine);
