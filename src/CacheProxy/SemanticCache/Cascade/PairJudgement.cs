using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Scoring;

namespace CacheProxy.SemanticCache.Cascade;

/// <param name="Logit">The verifier's.</param>
/// <param name="IsTruncated">The verifier did not read all of the pair: it is not served, and <paramref name="Verdict"/> is nothing.</param>
/// <param name="Evidence">What the policy was told.</param>
/// <param name="Verdict">The policy's.</param>
public readonly record struct PairJudgement(float Logit, bool IsTruncated, SemanticEvidence Evidence, PolicyVerdict Verdict)
{
    /// <summary>That one answer serves both, 0..1.</summary>
    public double Probability => Evidence.Probability;
}
