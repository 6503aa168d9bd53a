using CacheProxy.SemanticCache.Scoring;
using Microsoft.Extensions.Options;

namespace CacheProxy.SemanticCache.Policies;

/// <summary>Serves from a fixed probability on: the operator's threshold, or the one that was measured for the bundled models.</summary>
public sealed class StaticPolicy(double defaultThreshold, IOptionsMonitor<SemanticOptions> options) : ISemanticPolicy
{
    public string Name => SemanticOptions.StaticPolicy;

    public PolicyVerdict Decide(in PolicyScope scope, in SemanticEvidence evidence)
    {
        double threshold = options.CurrentValue.Threshold ?? defaultThreshold;

        // Written so that a probability that is no number does not serve.
        return new PolicyVerdict(evidence.Probability >= threshold, evidence.Probability, threshold);
    }
}
