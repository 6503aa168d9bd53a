using System.Diagnostics.Metrics;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Observability;
using CacheProxy.SemanticCache.Policies;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>What is known of semantic hits' truth, as instruments. Tenants are shown by the first digits of their hash, the busiest scopes only.</summary>
public sealed class SemanticMetrics
{
    private const int MostScopes = 50;
    private const int TenantDigits = 12;

    private readonly Counter<long> _observations;
    private readonly Counter<long> _tokens;
    private readonly KnownModels _models;
    private readonly ErrorWatch _watch;
    private readonly ScopeRules _rules;

    public SemanticMetrics(IMeterFactory factory, KnownModels models, ErrorWatch watch, ScopeRules rules)
    {
        _models = models;
        _watch = watch;
        _rules = rules;
        Meter meter = factory.Create(CacheProxyMetrics.MeterName);
        _observations = meter.CreateCounter<long>("cacheproxy.semantic.observations", "{observation}", "Stored answers compared with the upstream's own, or judged by a user");
        _tokens = meter.CreateCounter<long>("cacheproxy.semantic.truth.tokens", "{token}", "Tokens that the upstream was asked for only to know the truth");
        meter.CreateObservableGauge("cacheproxy.semantic.wrong.share", () => Measure(Shares), "1", "Wrong among the served semantic hits: estimate, 95 % interval and what is allowed");
        meter.CreateObservableGauge("cacheproxy.semantic.wrong.requests", () => Measure(OverAll), "1", "Wrong semantic hits over all looked-up requests: 95 % interval");
        meter.CreateObservableGauge("cacheproxy.semantic.exact_only", () => Measure(Fallen), "1", "1: the scope's hits were wrong too often, it gets exact hits only");
    }

    public void Observed(Observation observation) => _observations.Add(
        1, new("cacheproxy.semantic.policy", observation.Policy), new("cacheproxy.semantic.source", observation.Source.ToTag()),
        new("cacheproxy.semantic.outcome", observation.Outcome.ToTag()));

    /// <param name="use">audit, judge.</param>
    /// <param name="answer">That was asked for; one that does not report its tokens is not counted.</param>
    public void Spent(string use, CanonicalAnswer answer)
    {
        if (answer.Events.OfType<AnswerEvent.Usage>().FirstOrDefault() is { } usage)
        {
            _tokens.Add(Math.Max(0, usage.PromptTokens) + Math.Max(0, usage.CompletionTokens), new KeyValuePair<string, object?>("cacheproxy.semantic.use", use));
        }
    }

    private IEnumerable<Measurement<double>> Measure(Func<ScopeError, IEnumerable<(string Bound, double Value)>> read)
        => from error in _watch.Scopes.OrderByDescending(error => error.Served).Take(MostScopes)
           from item in read(error)
           select new Measurement<double>(item.Value, Tags(error.Key, item.Bound));

    private IEnumerable<(string Bound, double Value)> Shares(ScopeError error) => error.Estimate is { } estimate
        ? [("low", error.OfServed.Lower), ("estimate", estimate), ("high", error.OfServed.Upper), ("allowed", AllowedOf(error.Key))]
        : [];

    // By tenant and model, which is all that a scope knows: rules by route, namespace or tag are not seen here.
    private double AllowedOf(ScopeKey key)
        => _rules.For(new PolicyScope(key.Tenant, key.Model, "", "", [], default, default)).ServedErrorBound;

    private static IEnumerable<(string Bound, double Value)> OverAll(ScopeError error)
        => error.Estimate is null ? [] : [("low", error.OfRequests.Lower), ("high", error.OfRequests.Upper)];

    private static IEnumerable<(string Bound, double Value)> Fallen(ScopeError error) => [("", error.ExactOnlySince is null ? 0 : 1)];

    private KeyValuePair<string, object?>[] Tags(ScopeKey key, string bound)
    {
        KeyValuePair<string, object?>[] tags =
        [
            new("cacheproxy.tenant", key.Tenant.Length <= TenantDigits ? key.Tenant : key.Tenant[..TenantDigits]),
            new("gen_ai.request.model", _models.LabelOf(key.Model, succeeded: true)),
            new("cacheproxy.semantic.policy", key.Policy),
        ];
        return bound.Length == 0 ? tags : [.. tags, new("cacheproxy.semantic.bound", bound)];
    }
}
