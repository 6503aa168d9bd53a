using System.Diagnostics;
using System.Diagnostics.Metrics;
using CacheProxy.Inference.Generation;

namespace CacheProxy.Inference.Scheduling;

/// <summary>All instruments of the engine. Durations use the OpenTelemetry GenAI names; what those lack is under <c>cacheproxy.engine</c>.</summary>
public sealed class EngineMetrics : IDisposable
{
    public const string MeterName = "CacheProxy.Inference";

    private static readonly double[] DurationBounds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
    private static readonly double[] TokenBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];

    private readonly Meter _meter;
    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _perToken;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _promptTokens;
    private readonly Counter<long> _cachedTokens;
    private readonly Counter<long> _generatedTokens;
    private readonly Counter<long> _preemptions;
    private readonly Counter<long> _failedSteps;
    private readonly string _model;

    /// <param name="factory">Null: a meter of its own.</param>
    /// <param name="model">Value of the <c>gen_ai.request.model</c> tag.</param>
    public EngineMetrics(IMeterFactory? factory = null, string model = "")
    {
        _model = model;
        _meter = factory?.Create(MeterName) ?? new Meter(MeterName);
        _firstToken = Duration("gen_ai.server.time_to_first_token", "Time from submission to the first token.", DurationBounds);
        _perToken = Duration("gen_ai.server.time_per_output_token", "Mean time per token after the first.", TokenBounds);
        _duration = Duration("gen_ai.server.request.duration", "Time from submission to the terminal event.", DurationBounds);
        _promptTokens = _meter.CreateCounter<long>("cacheproxy.engine.prompt.tokens", "{token}", "Prompt tokens of admitted requests.");
        _cachedTokens = _meter.CreateCounter<long>("cacheproxy.engine.cached.tokens", "{token}", "Prompt tokens whose KV was found, not computed.");
        _generatedTokens = _meter.CreateCounter<long>("cacheproxy.engine.generated.tokens", "{token}", "Tokens generated.");
        _preemptions = _meter.CreateCounter<long>("cacheproxy.engine.preemptions", "{request}", "Sequences that lost their blocks and were resumed.");
        _failedSteps = _meter.CreateCounter<long>("cacheproxy.engine.steps.failed", "{step}", "Steps in which the model runner failed.");
    }

    public void Dispose() => _meter.Dispose();

    internal void RecordPreemption() => _preemptions.Add(1);

    internal void RecordFailedStep() => _failedSteps.Add(1);

    internal void RecordFirstToken(TimeSpan sinceSubmission)
    {
        if (_firstToken.Enabled)
        {
            _firstToken.Record(sinceSubmission.TotalSeconds, new KeyValuePair<string, object?>("gen_ai.request.model", _model));
        }
    }

    /// <param name="sinceFirstToken">Null when there was none.</param>
    internal void RecordFinished(FinishReason reason, GenerationUsage usage, TimeSpan sinceSubmission, TimeSpan? sinceFirstToken)
    {
        _promptTokens.Add(usage.PromptTokens);
        _cachedTokens.Add(usage.CachedTokens);
        _generatedTokens.Add(usage.CompletionTokens);
        var tags = new TagList { { "gen_ai.request.model", _model }, { "gen_ai.response.finish_reason", NameOf(reason) } };
        _duration.Record(sinceSubmission.TotalSeconds, tags);
        if (sinceFirstToken is { } decoding && usage.CompletionTokens > 1)
        {
            _perToken.Record(decoding.TotalSeconds / (usage.CompletionTokens - 1), tags);
        }
    }

    /// <summary>The closed set of tag values for <see cref="FinishReason"/>.</summary>
    public static string NameOf(FinishReason reason) => reason switch
    {
        FinishReason.Stop => "stop",
        FinishReason.Length => "length",
        FinishReason.Cancelled => "cancelled",
        FinishReason.Error => "error",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };

    private Histogram<double> Duration(string name, string description, double[] bounds) =>
        _meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
}
