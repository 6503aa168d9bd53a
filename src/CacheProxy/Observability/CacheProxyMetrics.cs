using System.Diagnostics;
using System.Diagnostics.Metrics;
using CacheProxy.Exchange;

namespace CacheProxy.Observability;

/// <summary>The proxy's instruments. Names and tags are stable; units are in the unit field.</summary>
public sealed class CacheProxyMetrics
{
    public const string MeterName = "CacheProxy";

    private static readonly InstrumentAdvice<double> LookupBuckets = new()
    {
        // Memory answers in a few microseconds, a store in its budget (30 or 50 ms), the semantic stage in 100.
        HistogramBucketBoundaries = [0.000_002, 0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.25, 0.5],
    };

    private static readonly InstrumentAdvice<double> FirstByteBuckets = new()
    {
        HistogramBucketBoundaries = [0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    };

    private static readonly InstrumentAdvice<double> DurationBuckets = new()
    {
        HistogramBucketBoundaries = [0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
    };

    private readonly Counter<long> _requests;
    private readonly Histogram<double> _lookups;
    private readonly Histogram<double> _firstBytes;
    private readonly Histogram<double> _durations;
    private readonly Counter<long> _refreshes;
    private readonly Counter<long> _decisions;
    private readonly Histogram<double> _stages;
    private readonly Counter<long> _inputs;
    private readonly KnownModels _models;
    private readonly TimeProvider _clock;

    public CacheProxyMetrics(IMeterFactory factory, KnownModels models, TimeProvider clock)
    {
        _models = models;
        _clock = clock;
        Meter meter = factory.Create(MeterName);
        _requests = meter.CreateCounter<long>("cacheproxy.requests", "{request}", "Requests answered");
        _refreshes = meter.CreateCounter<long>("cacheproxy.refreshes", "{refresh}", "Entries asked for anew behind the clients' backs");
        _inputs = meter.CreateCounter<long>("cacheproxy.embeddings.inputs", "{input}", "Inputs of embedding requests");
        _lookups = meter.CreateHistogram("cacheproxy.lookup.duration", "s", "Time that a look-up took", advice: LookupBuckets);
        _decisions = meter.CreateCounter<long>("cacheproxy.semantic.decisions", "{request}", "Requests that came to the semantic stage, by what it decided");
        _stages = meter.CreateHistogram("cacheproxy.semantic.stage.duration", "s", "Time that a step of the semantic stage took", advice: LookupBuckets);
        _durations = meter.CreateHistogram("cacheproxy.request.duration", "s", "Time from a request's arrival to the end of its answer", advice: DurationBuckets);
        _firstBytes = meter.CreateHistogram("cacheproxy.ttft.duration", "s", "Time from a request's arrival to the first byte of its answer", advice: FirstByteBuckets);
    }

    public bool IsLookupEnabled => _lookups.Enabled;

    /// <param name="tier">exact, semantic.</param>
    /// <param name="startedTimestamp">Of the clock that this was made with.</param>
    public void LookedUp(string tier, long startedTimestamp)
    {
        if (_lookups.Enabled)
        {
            _lookups.Record(_clock.GetElapsedTime(startedTimestamp).TotalSeconds, new KeyValuePair<string, object?>("cacheproxy.cache.tier", tier));
        }
    }

    /// <param name="reason">The snake_case name of why nothing was served; none: something was.</param>
    public void Decided(string reason) => _decisions.Add(1, new KeyValuePair<string, object?>("cacheproxy.semantic.reason", reason));

    /// <param name="stage">prefilter, embed, search, guard, verify, fetch.</param>
    public void StageTook(string stage, TimeSpan took)
    {
        if (_stages.Enabled && took > TimeSpan.Zero)
        {
            _stages.Record(took.TotalSeconds, new KeyValuePair<string, object?>("cacheproxy.semantic.stage", stage));
        }
    }

    /// <param name="status">Of the response.</param>
    /// <param name="endedTimestamp">When it was over.</param>
    public void Answered(ExchangeFeature exchange, int status, long endedTimestamp)
    {
        if (_durations.Enabled)
        {
            _durations.Record(
                _clock.GetElapsedTime(exchange.ArrivedTimestamp, endedTimestamp).TotalSeconds,
                new("cacheproxy.cache.outcome", exchange.Outcome.ToTag()), new("cacheproxy.response.class", ClassOf(status)));
        }

        if (!_requests.Enabled)
        {
            return;
        }

        var tags = new TagList
        {
            { "cacheproxy.cache.tier", exchange.Outcome.ToTier() },
            { "cacheproxy.cache.outcome", exchange.Outcome.ToTag() },
            { "gen_ai.request.model", _models.LabelOf(exchange.Facts.Model, status == StatusCodes.Status200OK) },
        };
        _requests.Add(1, tags);
    }

    /// <param name="reason">stale, ahead.</param>
    /// <param name="result">stored, failed, not_needed.</param>
    public void Refreshed(string reason, string result)
        => _refreshes.Add(1, new("cacheproxy.refresh.reason", reason), new("cacheproxy.refresh.result", result));

    /// <summary>Of one embedding request: what the cache had, and what it had not.</summary>
    public void EmbeddingInputs(int found, int missing)
    {
        if (found > 0)
        {
            _inputs.Add(found, new KeyValuePair<string, object?>("cacheproxy.cache.outcome", "hit"));
        }

        if (missing > 0)
        {
            _inputs.Add(missing, new KeyValuePair<string, object?>("cacheproxy.cache.outcome", "miss"));
        }
    }

    /// <summary>Nothing where no byte was sent.</summary>
    public void FirstByte(ExchangeFeature exchange)
    {
        if (_firstBytes.Enabled && exchange.FirstByteTimestamp is var sent and not 0)
        {
            _firstBytes.Record(
                _clock.GetElapsedTime(exchange.ArrivedTimestamp, sent).TotalSeconds,
                new KeyValuePair<string, object?>("cacheproxy.cache.outcome", exchange.Outcome.ToTag()));
        }
    }

    private static string ClassOf(int status) => status switch
    {
        >= 500 => "5xx",
        >= 400 => "4xx",
        >= 300 => "3xx",
        _ => "2xx",
    };
}
