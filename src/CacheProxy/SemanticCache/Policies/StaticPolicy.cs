using CacheProxy.SemanticCache.Encoders;
using Microsoft.Extensions.Options;

namespace CacheProxy.SemanticCache.Policies;

/// <summary>Serves at a fixed score: the operator's threshold, or the one at which the verifier was measured to be wrong in 2 % of what it serves.</summary>
public sealed class StaticPolicy(VerifierCalibration calibration, IOptionsMonitor<SemanticOptions> options) : ISemanticPolicy
{
    public string Name => SemanticOptions.StaticPolicy;

    public PolicyVerdict Decide(in PolicyScope scope, in SemanticEvidence evidence)
    {
        double threshold = options.CurrentValue.Threshold ?? calibration.DefaultThreshold;
        double score = calibration.Score(evidence.Logit, evidence.Cosine);

        // Written so that a score that is no number does not serve.
        return new PolicyVerdict(score >= threshold && evidence.Cosine >= calibration.MinimumCosine, score, threshold);
    }
}
