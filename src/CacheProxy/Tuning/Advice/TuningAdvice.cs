using CacheProxy.Exchange.Policies;

namespace CacheProxy.Tuning.Advice;

/// <summary>All that the evidence advises.</summary>
/// <param name="Threshold">Of all requests.</param>
/// <param name="Scopes">Of each model and route with evidence of its own, most of it first.</param>
/// <param name="Ttl">Of all requests. Null: the evidence knows no ages.</param>
/// <param name="ScopeTtls">Of each model and route with evidence of its own whose TTL is its own to set, most of it first.</param>
public sealed record TuningAdvice(ThresholdAdvice Threshold, IReadOnlyList<ThresholdAdvice> Scopes, TtlAdvice? Ttl, IReadOnlyList<TtlAdvice> ScopeTtls)
{
    /// <param name="thresholdOf">The threshold of now for a model and a route; both empty: the common one.</param>
    public static TuningAdvice From(
        IReadOnlyList<Evidence> evidence, Func<string, string, double> thresholdOf, ExactOptions exact, double targetError, double confidence)
    {
        double now = thresholdOf("", "");
        ThresholdAdvice all = ThresholdAdvice.From("", "", evidence, now, targetError, confidence);
        IGrouping<(string Model, string Route), Evidence>[] groups =
        [
            .. evidence.GroupBy(one => (one.Model, one.Route)).Where(group => group.Key != ("", "")).OrderByDescending(group => group.Count()),
        ];
        ThresholdAdvice[] scopes = groups.Length < 2
            ? []
            : [.. groups.Select(group => ThresholdAdvice.From(
                group.Key.Model, group.Key.Route, [.. group], thresholdOf(group.Key.Model, group.Key.Route), targetError, confidence))];
        if (!evidence.Any(one => one.AgeSeconds is not null))
        {
            return new TuningAdvice(all, scopes, null, []);
        }

        TtlAdvice[] ttls =
        [
            .. groups.Zip(scopes)
                .Where(pair => !IsCovered(exact, pair.First.Key.Model, pair.First.Key.Route))
                .Select(pair => TtlAdvice.From(Aged(pair.First, pair.Second), TtlOf(exact, pair.First.Key), exact.MaxTtlSeconds, targetError)
                    with { Model = pair.First.Key.Model, Route = pair.First.Key.Route }),
        ];
        return new TuningAdvice(all, scopes, TtlAdvice.From(Aged(evidence, all), exact.TtlSeconds, exact.MaxTtlSeconds, targetError), ttls);
    }

    private static Evidence[] Aged(IEnumerable<Evidence> evidence, ThresholdAdvice threshold)
        => [.. evidence.Where(one => one.AgeSeconds is not null && one.Label.Score >= (threshold.Advised?.Point.Threshold ?? threshold.Now.Threshold))];

    private static int TtlOf(ExactOptions exact, (string Model, string Route) scope)
        => exact.Rules.FirstOrDefault(rule => IsOwn(rule, scope.Model, scope.Route))?.TtlSeconds ?? exact.TtlSeconds;

    // The first rule that a request meets counts: behind a wider one a rule of the model's own would never be asked.
    private static bool IsCovered(ExactOptions exact, string model, string route)
        => exact.Rules.FirstOrDefault(rule => Fits(rule.Model, model) && Fits(rule.Route, route)) is { } first && !IsOwn(first, model, route);

    private static bool IsOwn(ExactRule rule, string model, string route)
        => rule.Model == model && rule.Route == route && (rule.Namespace + rule.Tag + rule.Path).Length == 0;

    private static bool Fits(string condition, string value)
        => condition.Length == 0 || condition == value || (condition.EndsWith('*') && value.StartsWith(condition[..^1], StringComparison.Ordinal));
}
