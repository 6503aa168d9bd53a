using CacheProxy.SemanticCache.Policies.Learned;
using CacheProxy.SemanticCache.Scoring;

namespace CacheProxy.SemanticCache.Policies;

/// <summary>Asks the policy that counts for a request, and lets nothing be served where that policy only looks on or its scope has fallen back to exact hits.</summary>
/// <param name="isExactOnly">Whether a scope's hits under a policy were wrong too often.</param>
public sealed class ScopedPolicy(ScopeRules rules, StaticPolicy fixedThreshold, LearnedPolicy learned, Func<PolicyScope, string, bool> isExactOnly) : ISemanticPolicy
{
    public string Name => "scoped";

    public LearnedPolicy Learned => learned;

    public ScopeSettings SettingsOf(in PolicyScope scope) => rules.For(scope);

    public PolicyVerdict Decide(in PolicyScope scope, in SemanticEvidence evidence)
    {
        ScopeSettings settings = rules.For(scope);
        if (settings.Policy == SemanticOptions.OffPolicy)
        {
            return new PolicyVerdict(false, evidence.Probability, 1);
        }

        PolicyVerdict verdict = Find(NameOf(settings)).Decide(scope, evidence);
        bool isAllowed = settings.Policy != SemanticOptions.ShadowPolicy && !isExactOnly(scope, settings.Policy) && evidence.Cosine >= settings.MinimumSimilarity;
        return isAllowed ? verdict : verdict with { Serves = false };
    }

    public bool IsOff(in PolicyScope scope) => rules.For(scope).Policy == SemanticOptions.OffPolicy;

    public bool IsExactOnly(in PolicyScope scope) => isExactOnly(scope, rules.For(scope).Policy);

    public void NoteRequest(in PolicyScope scope)
    {
        ScopeSettings settings = rules.For(scope);
        Find(NameOf(settings)).NoteRequest(scope);
        if (ShadowOf(settings) is { } shadow && shadow != NameOf(settings))
        {
            Find(shadow).NoteRequest(scope);
        }
    }

    public bool TryServe(in PolicyScope scope, in PolicyVerdict verdict) => Find(NameOf(rules.For(scope))).TryServe(scope, verdict);

    /// <summary>What the policy that is tried beside the serving one says; null: none is. What it would serve is served as far as its own accounts go.</summary>
    public (string Name, PolicyVerdict Verdict)? DecideInShadow(in PolicyScope scope, in SemanticEvidence evidence)
    {
        if (ShadowOf(rules.For(scope)) is not { } name)
        {
            return null;
        }

        ISemanticPolicy policy = Find(name);
        PolicyVerdict verdict = policy.Decide(scope, evidence);
        return (name, verdict.Serves && !policy.TryServe(scope, verdict) ? verdict with { Serves = false, WouldServe = false } : verdict);
    }

    // Null: none is tried, or it serves anyway.
    private static string? ShadowOf(ScopeSettings settings)
    {
        string name = settings.Policy == SemanticOptions.ShadowPolicy ? NameOf(settings) : settings.Shadow;
        return name.Length == 0 || name == settings.Policy ? null : name;
    }

    // A policy that only looks on does so with the threshold, unless another is named.
    private static string NameOf(ScopeSettings settings) => settings.Policy != SemanticOptions.ShadowPolicy ? settings.Policy
        : settings.Shadow.Length > 0 ? settings.Shadow : SemanticOptions.StaticPolicy;

    private ISemanticPolicy Find(string name) => name == LearnedPolicy.PolicyName ? learned : fixedThreshold;
}
