using System.Globalization;
using System.Text.Json;
using CacheProxy.Tuning.Settings;

namespace CacheProxy.Tuning.Advice;

/// <summary>What following the advice changes in the settings file.</summary>
/// <param name="Text">The file as it would be.</param>
/// <param name="Changes">One for each value that differs.</param>
public sealed record AdvicePlan(SettingsText Text, IReadOnlyList<SettingsChange> Changes)
{
    private const string SemanticRules = "Semantic:Rules";
    private const string ExactRules = "Exact:Rules";

    // Thresholds of a scope that are nearer than this to the common one get no rule of their own.
    private const double WorthARule = 0.001;

    /// <param name="settings">The file as it is.</param>
    /// <param name="policy">The policy to set, or null to leave it.</param>
    public static AdvicePlan Make(SettingsText settings, TuningAdvice advice, string? policy)
    {
        var plan = new AdvicePlan(settings, []);
        if (policy is not null)
        {
            plan = plan.With("Semantic:Policy", JsonSerializer.Serialize(policy, SettingsJsonContext.Default.String));
        }

        if (advice.Threshold.Advised is { } common)
        {
            plan = plan.With("Semantic:Threshold", Number(common.Point.Threshold));
        }

        foreach (ThresholdAdvice scope in advice.Scopes)
        {
            if (scope.Advised is { } advised && Math.Abs(advised.Point.Threshold - (advice.Threshold.Advised?.Point.Threshold ?? scope.Now.Threshold)) >= WorthARule)
            {
                plan = plan.WithRule(SemanticRules, (scope.Model, scope.Route), "Threshold", Number(advised.Point.Threshold));
            }
        }

        if (advice.Ttl is { } ttl && ttl.AdvisedSeconds != ttl.NowSeconds)
        {
            plan = plan.With("Exact:TtlSeconds", Number(ttl.AdvisedSeconds));
        }

        // A model that does as all do needs no rule; one that was advised to keep what it has keeps it when the common one changes.
        foreach (TtlAdvice own in advice.ScopeTtls.Where(own => own.AdvisedSeconds != advice.Ttl?.AdvisedSeconds && own.IsShown))
        {
            plan = plan.WithRule(ExactRules, (own.Model, own.Route), "TtlSeconds", Number(own.AdvisedSeconds));
        }

        return plan;
    }

    private AdvicePlan With(string path, string value)
    {
        string? before = Text.ValueAt(path);
        return before == value ? this : new AdvicePlan(Text.With(path, value), [.. Changes, new SettingsChange(path, before, value)]);
    }

    // A rule for this model and route and nothing else is changed; where there is none, one is added behind the others, which keep their precedence.
    private AdvicePlan WithRule(string rules, (string Model, string Route) scope, string setting, string value)
    {
        for (int i = 0; i < Text.CountAt(rules); i++)
        {
            string rule = $"{rules}:{i}";
            if (Condition(rule, "Model") == scope.Model && Condition(rule, "Route") == scope.Route
                && (Condition(rule, "Tenant") + Condition(rule, "Namespace") + Condition(rule, "Tag") + Condition(rule, "Path")).Length == 0)
            {
                return With($"{rule}:{setting}", value);
            }
        }

        string route = scope.Route.Length == 0 ? "" : $"\"Route\": {Quote(scope.Route)}, ";
        string added = $"{{ \"Model\": {Quote(scope.Model)}, {route}\"{setting}\": {value} }}";
        return new AdvicePlan(Text.Append(rules, added), [.. Changes, new SettingsChange(rules, null, added)]);
    }

    private string Condition(string rule, string name)
        => Text.ValueAt($"{rule}:{name}") is { } json && json != "null" ? JsonSerializer.Deserialize(json, SettingsJsonContext.Default.String) ?? "" : "";

    private static string Quote(string text) => JsonSerializer.Serialize(text, SettingsJsonContext.Default.String);

    private static string Number(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
