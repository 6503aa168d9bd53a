namespace CacheProxy.SemanticCache.Policies;

/// <summary>What counts for one request: the section's settings with those of the rule that it meets put over them. Immutable; shared by all that meet the rule.</summary>
/// <param name="Policy">One of the names of <see cref="SemanticOptions"/>.</param>
/// <param name="Shadow">The policy that is tried beside it; empty: none.</param>
/// <param name="Threshold">Null: the one that was measured for the bundled models.</param>
/// <param name="MinimumSimilarity">Cosine below which nothing is served.</param>
/// <param name="ErrorBound">Wrong answers allowed over all looked-up requests, 0..1.</param>
/// <param name="ServedErrorBound">Wrong answers allowed among the served, 0..1.</param>
/// <param name="AuditShare">Of the served hits, 0..1.</param>
public sealed record ScopeSettings(
    string Policy, string Shadow, double? Threshold, float MinimumSimilarity, double ErrorBound, double ServedErrorBound, double AuditShare)
{
    /// <param name="rule">Null: the section alone.</param>
    public static ScopeSettings Of(SemanticOptions options, SemanticRule? rule) => new(
        rule is { Policy.Length: > 0 } ? rule.Policy : options.Policy,
        rule is { Shadow.Length: > 0 } ? rule.Shadow : options.Shadow,
        rule?.Threshold ?? options.Threshold,
        Math.Max(rule?.MinimumSimilarity ?? 0, options.MinimumSimilarity),
        rule?.ErrorBound ?? options.ErrorBound,
        rule?.ServedErrorBound ?? options.ServedErrorBound,
        rule?.AuditShare ?? options.AuditShare);
}
