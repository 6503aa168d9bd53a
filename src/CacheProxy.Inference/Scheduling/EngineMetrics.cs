using System.Diagnostics;
using System.Diagnostics.Metrics;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Tiers;

namespace CacheProxy.Inference.Scheduling;

/// <summary>All instruments of the engine. Durations use the OpenTelemetry GenAI names; what those lack is under <c>cacheproxy.engine</c>.</summary>
public sealed class EngineMetrics : IDisposable
{
    public const string MeterName = "CacheProxy.Inference";

    private const string ModelTag = "gen_ai.request.model";

    // As OpenTelemetry's conventions advise; the smallest times per token are a small model's own.
    private static readonly double[] FirstTokenBounds = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
    private static readonly double[] DurationBounds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
    private static readonly double[] TokenBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];

    private readonly Meter _meter;
    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _perToken;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _queueTime;
    private readonly Histogram<double> _prefillTime;
    private readonly Histogram<double> _prefillWait;
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
        _firstToken = Duration("gen_ai.server.time_to_first_token", "Time from submission to the first token.", FirstTokenBounds);
        _perToken = Duration("gen_ai.server.time_per_output_token", "Mean time per token after the first.", TokenBounds);
        _duration = Duration("gen_ai.server.request.duration", "Time from submission to the terminal event.", DurationBounds);
        _queueTime = Duration("cacheproxy.engine.queue.duration", "Time from submission until the request holds blocks.", DurationBounds);
        _prefillTime = Duration("cacheproxy.engine.prefill.duration", "Time from the request's start to its first token.", DurationBounds);
        _prefillWait = Duration("cacheproxy.engine.prefill.wait", "The longest time a started prompt was left out of the steps.", DurationBounds);
        _promptTokens = _meter.CreateCounter<long>("cacheproxy.engine.prompt.tokens", "{token}", "Prompt tokens of admitted requests.");
        _cachedTokens = _meter.CreateCounter<long>("cacheproxy.engine.cached.tokens", "{token}", "Prompt tokens whose KV was found, not computed.");
        _generatedTokens = _meter.CreateCounter<long>("cacheproxy.engine.generated.tokens", "{token}", "Tokens generated.");
        _preemptions = _meter.CreateCounter<long>("cacheproxy.engine.preemptions", "{request}", "Sequences that lost their blocks and were resumed.");
        _failedSteps = _meter.CreateCounter<long>("cacheproxy.engine.steps.failed", "{step}", "Steps in which the model runner failed.");
        Blocks = new BlockMetrics(_meter, new KeyValuePair<string, object?>(ModelTag, model));
    }

    /// <summary>As clients name it.</summary>
    internal string Model => _model;

    /// <summary>Ages of KV blocks.</summary>
    internal BlockMetrics Blocks { get; }

    public void Dispose() => _meter.Dispose();

    /// <summary>What is asked for, not reported: the engine's state between two steps.</summary>
    /// <param name="queued">Accepted requests that have not started.</param>
    internal void Observe(Func<SchedulerCounts> counts, Func<int> queued)
    {
        _meter.CreateObservableUpDownCounter("cacheproxy.engine.blocks", () => BlocksOf(counts()), "{block}", "KV blocks by what they hold; the sum is the pool.");
        _meter.CreateObservableUpDownCounter("cacheproxy.engine.sequences.running", () => Of(counts().Running), "{sequence}", "Sequences that hold blocks.");
        // The scheduler's own number leaves out what came during a step, the queue's what was preempted.
        _meter.CreateObservableUpDownCounter(
            "cacheproxy.engine.sequences.waiting", () => Of(Math.Max(counts().Waiting, queued())), "{sequence}", "Sequences that have not started or were preempted.");
        _meter.CreateObservableCounter("cacheproxy.engine.steps", () => Of(counts().Steps), "{step}", "Runs of the model.");
        _meter.CreateObservableCounter("cacheproxy.engine.computed.tokens", () => Of(counts().ComputedTokens), "{token}", "Tokens that went through the model.");
        _meter.CreateObservableCounter("cacheproxy.engine.drafted.tokens", () => Of(counts().DraftedTokens), "{token}", "Tokens guessed ahead and verified.");
        _meter.CreateObservableCounter("cacheproxy.engine.accepted.tokens", () => Of(counts().AcceptedTokens), "{token}", "Guessed tokens that were right.");
        _meter.CreateObservableCounter("cacheproxy.engine.evicted.blocks", () => Of(counts().EvictedBlocks), "{block}", "Cached KV blocks given up for others.");
        _meter.CreateObservableUpDownCounter("cacheproxy.engine.tier.blocks", () => TiersOf(counts().Tiers, of => of.RamBlocks, of => of.DiskBlocks), "{block}", "KV blocks beyond the pool.");
        _meter.CreateObservableCounter(
            "cacheproxy.engine.tier.hit.tokens", () => TiersOf(counts().Tiers, of => of.RamHitTokens, of => of.DiskHitTokens), "{token}", "Prompt tokens whose KV came from a tier.");
        _meter.CreateObservableCounter("cacheproxy.engine.tier.dropped.blocks", () => Of(counts().Tiers.DroppedBlocks), "{block}", "KV blocks that no tier took or that fell out of the last.");
        _meter.CreateObservableCounter("cacheproxy.engine.tier.damaged.blocks", () => Of(counts().Tiers.DamagedBlocks), "{block}", "KV blocks that were not on disk as they should be.");
    }

    internal void RecordPreemption() => _preemptions.Add(1);

    internal void RecordFailedStep() => _failedSteps.Add(1);

    internal void RecordFirstToken(TimeSpan sinceSubmission) => Record(_firstToken, sinceSubmission);

    internal void RecordQueueTime(TimeSpan sinceSubmission) => Record(_queueTime, sinceSubmission);

    /// <param name="longestWait">Between two of the prompt's chunks, or before the first.</param>
    internal void RecordPrefill(TimeSpan sinceStart, TimeSpan longestWait)
    {
        Record(_prefillTime, sinceStart);
        Record(_prefillWait, longestWait);
    }

    /// <param name="sinceFirstToken">Null when there was none.</param>
    internal void RecordFinished(FinishReason reason, GenerationUsage usage, TimeSpan sinceSubmission, TimeSpan? sinceFirstToken)
    {
        _promptTokens.Add(usage.PromptTokens);
        _cachedTokens.Add(usage.CachedTokens);
        _generatedTokens.Add(usage.CompletionTokens);
        var tags = new TagList { { ModelTag, _model }, { "gen_ai.response.finish_reason", NameOf(reason) } };
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
        FinishReason.TimedOut => "timed_out",
        FinishReason.Error => "error",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };

    private void Record(Histogram<double> histogram, TimeSpan time)
    {
        if (histogram.Enabled)
        {
            histogram.Record(time.TotalSeconds, new KeyValuePair<string, object?>(ModelTag, _model));
        }
    }

    private Measurement<long>[] TiersOf(TierCounts counts, Func<TierCounts, long> ram, Func<TierCounts, long> disk) =>
        [Tagged(ram(counts), "ram"), Tagged(disk(counts), "disk")];

    private Measurement<long> Tagged(long value, string tier) => new(
        value, new KeyValuePair<string, object?>(ModelTag, _model), new KeyValuePair<string, object?>("cacheproxy.engine.tier", tier));

    private Measurement<long>[] BlocksOf(SchedulerCounts counts) =>
        [Of(counts.BlocksFree, "free"), Of(counts.BlocksCached, "cached"), Of(counts.BlocksLeased, "leased")];

    private Measurement<long> Of(long value) => new(value, new KeyValuePair<string, object?>(ModelTag, _model));

    private Measurement<long> Of(long value, string state) => new(
        value, new KeyValuePair<string, object?>(ModelTag, _model), new KeyValuePair<string, object?>("cacheproxy.engine.block.state", state));

    private Histogram<double> Duration(string name, string description, double[] bounds) =>
        _meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
}
