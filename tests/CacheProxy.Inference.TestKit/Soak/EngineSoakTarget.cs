using System.Diagnostics;
using System.Threading.Channels;
using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Scheduling;

namespace CacheProxy.Inference.TestKit.Soak;

/// <summary>The engine, asked without HTTP.</summary>
public sealed class EngineSoakTarget(InferenceEngine engine) : ISoakTarget
{
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(10);

    private readonly int _blocks = Total(engine.Stats.Counts);

    public async Task<SoakAnswer> AskAsync(GenerationRequest request, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        ChannelReader<GenerationEvent> events;
        try
        {
            events = engine.Submit(request, cancellation);
        }
        catch (RequestRefusedException refusal) when (refusal is { Reason: RefusalReason.QueueFull, RetryAfter: not null })
        {
            return new SoakAnswer(SoakOutcome.Refused, null, 0);
        }

        TimeSpan? first = null;
        GenerationEvent.Finished? end = null;
        await foreach (GenerationEvent item in events.ReadAllAsync(CancellationToken.None))
        {
            if (end is not null)
            {
                return new SoakAnswer(SoakOutcome.Failed, first, 0, "An event followed the terminal one.");
            }

            first ??= Stopwatch.GetElapsedTime(start);
            end = item as GenerationEvent.Finished;
        }

        return Judge(request, end, first, cancellation.IsCancellationRequested);
    }

    public async Task<IReadOnlyList<string>> FindLeaksAsync()
    {
        long start = Stopwatch.GetTimestamp();
        while (engine.Stats is { Counts: { Running: > 0 } or { Waiting: > 0 } or { BlocksLeased: > 0 } } && Stopwatch.GetElapsedTime(start) < IdleLimit)
        {
            await Task.Yield();
        }

        EngineStats stats = engine.Stats;
        var counts = stats.Counts;
        var problems = new List<string>();
        if (stats.State != EngineState.Running || stats.Queued != 0 || counts.Running != 0 || counts.Waiting != 0)
        {
            problems.Add($"The idle engine is {stats.State} with {stats.Queued} queued, {counts.Running} running, {counts.Waiting} waiting.");
        }

        if (counts.BlocksLeased != 0 || counts.BlocksFree + counts.BlocksCached != _blocks)
        {
            problems.Add($"Of {_blocks} blocks {counts.BlocksFree} are free, {counts.BlocksCached} cached, {counts.BlocksLeased} leased.");
        }

        return problems;
    }

    /// <summary>Also right while a warm-up still holds some.</summary>
    private static int Total(SchedulerCounts counts) => counts.BlocksFree + counts.BlocksCached + counts.BlocksLeased;

    private static SoakAnswer Judge(GenerationRequest request, GenerationEvent.Finished? end, TimeSpan? first, bool isCancelled)
    {
        (SoakOutcome outcome, string? problem) = end switch
        {
            null => (SoakOutcome.Failed, "An answer had no terminal event."),
            { Reason: FinishReason.Stop or FinishReason.Length, Usage.CompletionTokens: 0 } => (SoakOutcome.Failed, "An answer ended without a token."),
            { Reason: FinishReason.Stop or FinishReason.Length } => (SoakOutcome.Answered, null),
            { Reason: FinishReason.Cancelled } => (SoakOutcome.Cancelled, isCancelled ? null : "An answer was cancelled by nobody."),
            { Reason: FinishReason.TimedOut } => (SoakOutcome.TimedOut, request.Deadline is null ? "An answer without a deadline timed out." : null),
            _ => (SoakOutcome.Failed, end.Error),
        };
        int tokens = end?.Usage.CompletionTokens ?? 0;
        problem ??= tokens > request.MaxTokens ? $"{tokens} tokens instead of at most {request.MaxTokens}." : null;
        return new SoakAnswer(outcome, tokens > 0 ? first : null, tokens, problem);
    }
}
