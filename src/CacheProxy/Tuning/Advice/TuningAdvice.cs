using CacheProxy.Exchange.Policies;

namespace CacheProxy.Tuning.Advice;

/// <summary>All that the evidence advises.</summary>
/// <param name="Threshold">Of all requests.</param>
/// <param name="Scopes">Of each model and route with evidence of its own, most of it first.</param>
/// <param name="Ttl">Null: the evidence knows no ages.</param>
public sealed record TuningAdvice(ThresholdAdvice Threshold, IReadOnlyList<ThresholdAdvice> Scopes, TtlAdvice? Ttl)
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
        double served = all.Advised?.Point.Threshold ?? now;
        Evidence[] aged = [.. evidence.Where(one => one.AgeSeconds is not null && one.Label.Score >= served)];
        return new TuningAdvice(
            all, scopes, evidence.Any(one => one.AgeSeconds is not null) ? TtlAdvice.From(aged, exact.TtlSeconds, exact.MaxTtlSeconds, targetError) : null);
    }
}
