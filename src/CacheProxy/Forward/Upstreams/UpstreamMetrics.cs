using System.Collections.Frozen;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using CacheProxy.Forward.Routes;
using CacheProxy.Observability;

namespace CacheProxy.Forward.Upstreams;

/// <summary>What is counted of the upstreams. Labels are names of the settings and the values of two enums.</summary>
public sealed class UpstreamMetrics
{
    private const string NameTag = "cacheproxy.upstream.name";
    private const string ResultTag = "cacheproxy.upstream.result";
    private const string StateTag = "cacheproxy.upstream.state";

    private static readonly FrozenDictionary<AttemptResult, string> Results = Names<AttemptResult>();
    private static readonly FrozenDictionary<UpstreamState, string> States = Names<UpstreamState>();

    private readonly Counter<long> _attempts;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _fallbacks;
    private readonly UpstreamDirectory _upstreams;

    public UpstreamMetrics(IMeterFactory factory, UpstreamDirectory upstreams)
    {
        _upstreams = upstreams;
        Meter meter = factory.Create(CacheProxyMetrics.MeterName);
        _attempts = meter.CreateCounter<long>("cacheproxy.upstream.attempts", "{attempt}", "Times that an upstream was asked, by how it ended");
        _retries = meter.CreateCounter<long>("cacheproxy.upstream.retries", "{attempt}", "Of them, further tries of one request at the same upstream");
        _fallbacks = meter.CreateCounter<long>("cacheproxy.upstream.fallbacks", "{request}", "Requests that this upstream could not answer and another was asked");
        meter.CreateObservableGauge("cacheproxy.upstream.up", ObserveStates, "{upstream}", "1 for the state that the upstream is in, 0 for the others");
        meter.CreateObservableGauge("cacheproxy.upstream.active", ObserveActive, "{request}", "Requests under way at the upstream");
    }

    public static string ToTag(AttemptResult result) => Results[result];

    public static string ToTag(UpstreamState state) => States[state];

    public void Attempted(string upstream, AttemptResult result, bool isRetry)
    {
        if (_attempts.Enabled)
        {
            _attempts.Add(1, new(NameTag, upstream), new(ResultTag, Results[result]));
        }

        if (isRetry && _retries.Enabled)
        {
            _retries.Add(1, new KeyValuePair<string, object?>(NameTag, upstream));
        }
    }

    public void FellBack(string upstream)
    {
        if (_fallbacks.Enabled)
        {
            _fallbacks.Add(1, new KeyValuePair<string, object?>(NameTag, upstream));
        }
    }

    private IEnumerable<Measurement<int>> ObserveStates()
        => from upstream in _upstreams.Table.Upstreams
           from state in States
           select new Measurement<int>(upstream.Client.Health.State == state.Key ? 1 : 0, new TagList { { NameTag, upstream.Name }, { StateTag, state.Value } });

    private IEnumerable<Measurement<int>> ObserveActive()
        => from upstream in _upstreams.Table.Upstreams
           select new Measurement<int>(upstream.Client.Health.Active, new TagList { { NameTag, upstream.Name } });

    private static FrozenDictionary<T, string> Names<T>() where T : struct, Enum
        => Enum.GetValues<T>().ToFrozenDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));
}
