using System.Diagnostics;
using CacheProxy.Inference.Generation;

namespace CacheProxy.Inference.Scheduling;

/// <summary>
/// The span of one generation. It begins on the thread that submits; its steps are known only afterwards and are made from the timestamps
/// when it ends, on the engine's thread. Only within another's span: what the engine does of its own accord is not traced.
/// </summary>
internal sealed class RequestTrace
{
    private readonly Activity _span;

    private RequestTrace(Activity span) => _span = span;

    /// <returns>Null: nobody listens, or this trace is not recorded.</returns>
    public static RequestTrace? Start()
    {
        if (!EngineSpans.Source.HasListeners() || Activity.Current is not { } outer)
        {
            return null;
        }

        Activity? span = EngineSpans.Source.StartActivity(EngineSpans.Request);
        Activity.Current = outer;
        return span is { IsAllDataRequested: true } ? new RequestTrace(span) : null;
    }

    /// <summary>Makes it the current one until that is disposed: what is measured meanwhile leads to it.</summary>
    public Scope Enter() => new(_span);

    /// <param name="model">As clients name it.</param>
    /// <param name="now">Timestamp of the terminal event.</param>
    public void End(Sequence sequence, FinishReason reason, string model, TimeProvider time, long now)
    {
        using Scope scope = Enter();
        long admitted = sequence.HasStarted ? sequence.AdmittedAt : now, first = sequence.Usage.CompletionTokens > 0 ? sequence.FirstTokenAt : now;
        Describe(sequence, reason, model);
        EndStep(EngineSpans.Queue, sequence.SubmittedAt, admitted, EngineSpans.TimeInQueue);
        if (sequence.HasStarted)
        {
            EndStep(EngineSpans.Prefill, admitted, first, EngineSpans.TimeInPrefill, (EngineSpans.InputTokens, sequence.PromptLength), (EngineSpans.CachedTokens, sequence.Usage.CachedTokens));
            _span.SetTag(EngineSpans.TimeInInference, Seconds(admitted, now));
        }

        if (sequence.Usage.CompletionTokens > 0)
        {
            EndStep(EngineSpans.Decode, first, now, EngineSpans.TimeInDecode, (EngineSpans.OutputTokens, sequence.Usage.CompletionTokens));
            _span.SetTag(EngineSpans.TimeToFirstToken, Seconds(sequence.SubmittedAt, first));
        }

        _span.SetTag(EngineSpans.EndToEnd, Seconds(sequence.SubmittedAt, now)).SetEndTime(At(now));
        _span.Dispose();

        double Seconds(long from, long to) => time.GetElapsedTime(from, to).TotalSeconds;

        // A span of no length would end when it is handed over.
        DateTime At(long timestamp) => _span.StartTimeUtc + time.GetElapsedTime(sequence.SubmittedAt, timestamp) + TimeSpan.FromTicks(1);

        void EndStep(string name, long from, long to, string latency, params ReadOnlySpan<(string Name, int Value)> tags)
        {
            _span.SetTag(latency, Seconds(from, to));
            using Activity? step = EngineSpans.Source.StartActivity(name, ActivityKind.Internal, _span.Context, startTime: At(from) - TimeSpan.FromTicks(1));
            foreach ((string tag, int value) in tags)
            {
                step?.SetTag(tag, value);
            }

            step?.SetEndTime(At(to));
        }
    }

    private void Describe(Sequence sequence, FinishReason reason, string model)
    {
        GenerationUsage usage = sequence.Usage;
        _span.SetTag(EngineSpans.RequestModel, model).SetTag(EngineSpans.ResponseModel, model)
            .SetTag(EngineSpans.MaxTokens, sequence.MaxTokens)
            .SetTag(EngineSpans.Temperature, (double)sequence.Request.Sampling.Temperature)
            .SetTag(EngineSpans.TopP, (double)sequence.Request.Sampling.TopP)
            .SetTag(EngineSpans.InputTokens, usage.PromptTokens).SetTag(EngineSpans.PromptTokens, usage.PromptTokens)
            .SetTag(EngineSpans.OutputTokens, usage.CompletionTokens).SetTag(EngineSpans.CompletionTokens, usage.CompletionTokens)
            .SetTag(EngineSpans.CachedTokens, usage.CachedTokens)
            .SetTag(EngineSpans.FinishReasons, (string[])[EngineMetrics.NameOf(reason)]);
        if (reason is FinishReason.Error or FinishReason.TimedOut)
        {
            _span.SetTag(EngineSpans.ErrorType, EngineMetrics.NameOf(reason)).SetStatus(ActivityStatusCode.Error);
        }
    }

    internal readonly struct Scope : IDisposable
    {
        private readonly Activity? _previous;

        public Scope(Activity span) => (_previous, Activity.Current) = (Activity.Current, span);

        public void Dispose() => Activity.Current = _previous;
    }
}
