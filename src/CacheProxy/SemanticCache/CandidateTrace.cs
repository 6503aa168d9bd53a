using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache;

/// <summary>How one neighbour fared.</summary>
/// <param name="Fingerprint">Of its entry.</param>
/// <param name="Similarity">Cosine.</param>
/// <param name="Guard">Name of the guard that vetoed it, or null.</param>
/// <param name="Logit">The verifier's; null: it was not asked, or the pair was too long for it.</param>
/// <param name="Score">The policy's; null where <paramref name="Logit"/> is.</param>
/// <param name="Threshold">The score that was needed; null where <paramref name="Logit"/> is.</param>
public sealed record CandidateTrace(Fingerprint256 Fingerprint, float Similarity, string? Guard = null, float? Logit = null, double? Score = null, double? Threshold = null)
{
    /// <summary>The stored question; to be shown nowhere but to who may read entries.</summary>
    public string? Question { get; init; }
}
