using System.Globalization;
using System.Text.Json;
using CacheProxy.Tuning.Settings;

namespace CacheProxy.Tuning.Advice;

/// <summary>What following the advice changes in the settings file.</summary>
/// <param name="Text">The file as it would be.</param>
/// <param name="Changes">One for each value that differs.</param>
public sealed record AdvicePlan(SettingsText Text, IReadOnlyList<SettingsChange> Changes)
{
    private const string Rules = "Semantic:Rules";

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
                plan = plan.WithRule(scope, Number(advised.Point.Threshold));
            }
        }

        return advice.Ttl is { } ttl && ttl.AdvisedSeconds != ttl.NowSeconds
            ? plan.With("Exact:TtlSeconds", ttl.AdvisedSeconds.ToString(CultureInfo.InvariantCulture))
            : plan;
    }

    private AdvicePlan With(string path, string value)
    {
        string? before = Text.ValueAt(path);
        return before == value ? this : new AdvicePlan(Text.With(path, value), [.. Changes, new SettingsChange(path, before, value)]);
    }

    // A rule for this model and route and nothing else is changed; where there is none, one is added behind the others, which keep their precedence.
    private AdvicePlan WithRule(ThresholdAdvice scope, string threshold)
    {
        for (int i = 0; i < Text.CountAt(Rules); i++)
        {
            string rule = $"{Rules}:{i}";
            if (Condition(rule, "Model") == scope.Model && Condition(rule, "Route") == scope.Route
                && (Condition(rule, "Tenant") + Condition(rule, "Namespace") + Condition(rule, "Tag")).Length == 0)
            {
                return With($"{rule}:Threshold", threshold);
            }
        }

        string route = scope.Route.Length == 0 ? "" : $"\"Route\": {Quote(scope.Route)}, ";
        string added = $"{{ \"Model\": {Quote(scope.Model)}, {route}\"Threshold\": {threshold} }}";
        return new AdvicePlan(Text.Append(Rules, added), [.. Changes, new SettingsChange(Rules, null, added)]);
    }

    private string Condition(string rule, string name)
        => Text.ValueAt($"{rule}:{name}") is { } json && json != "null" ? JsonSerializer.Deserialize(json, SettingsJsonContext.Default.String) ?? "" : "";

    private static string Quote(string text) => JsonSerializer.Serialize(text, SettingsJsonContext.Default.String);

    private static string Number(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
