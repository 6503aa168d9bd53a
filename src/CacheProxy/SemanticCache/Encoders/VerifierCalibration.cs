namespace CacheProxy.SemanticCache.Encoders;

/// <summary>
/// What was measured about a verifier on its validation pairs: score = logit + weight * cosine, and the score from which on a target share of the
/// served pairs was wrong.
/// </summary>
public sealed record VerifierCalibration
{
    /// <summary>Weight of the encoder's cosine in the combined score.</summary>
    public required double CosineWeight { get; init; }

    /// <summary>The score is only calibrated for pairs whose cosine is at least this.</summary>
    public required double MinimumCosine { get; init; }

    /// <summary>Score at which 2 % of the served validation pairs were wrong: the default threshold.</summary>
    public required double DefaultThreshold { get; init; }

    public double Score(float logit, float cosine) => logit + (CosineWeight * cosine);
}
