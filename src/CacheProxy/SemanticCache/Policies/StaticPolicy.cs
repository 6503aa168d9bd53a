using CacheProxy.SemanticCache.Scoring;
using Microsoft.Extensions.Options;

namespace CacheProxy.SemanticCache.Policies;

/// <summary>Serves from a fixed probability on: the operator's threshold, or the one that was measured for the bundled models.</summary>
public sealed class StaticPolicy(double defaultThreshold, ScopeRules rules) : ISemanticPolicy
{
    public StaticPolicy(double defaultThreshold, IOptionsMonitor<SemanticOptions> options)
        : this(defaultThreshold, new ScopeRules(options))
    {
    }

    public string Name => SemanticOptions.StaticPolicy;

    public PolicyVerdict Decide(in PolicyScope scope, in SemanticEvidence evidence)
    {
        ScopeSettings settings = rules.For(scope);
        double threshold = settings.Threshold ?? defaultThreshold;

        // Written so that a probability that is no number does not serve.
        bool serves = evidence.Probability >= threshold && evidence.Cosine >= settings.MinimumSimilarity;
        return new PolicyVerdict(serves, evidence.Probability, threshold, WouldServe: serves);
    }
}
