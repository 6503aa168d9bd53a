using CacheProxy.SemanticCache.Cascade;

namespace CacheProxy.Tuning.Evaluation;

/// <summary>What is kept of a judged pair: 24 bytes, so that millions fit.</summary>
/// <param name="Score">The cascade's, 0..1.</param>
/// <param name="Cosine">The encoder's.</param>
/// <param name="IsSame">The label.</param>
/// <param name="Stage">Where it ended.</param>
public readonly record struct EvaluatedPair(double Score, float Cosine, bool IsSame, PairStage Stage);
