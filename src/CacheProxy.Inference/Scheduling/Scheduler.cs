using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Prefix;
using CacheProxy.Inference.Text;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Inference.Scheduling;

/// <summary>
/// Continuous batching, one step at a time: drop the cancelled and the expired, make room for running answers (preempting the
/// least urgent, youngest sequence where there is none), start waiting ones, plan, run, commit. No locks and no clock of its own; one thread.
/// Every sequence added ends in exactly one terminal event.
/// </summary>
internal sealed class Scheduler : IDisposable
{
    private readonly IModelRunner _runner;
    private readonly QueueGauge _queue;
    private readonly TimeProvider _time;
    private readonly EngineMetrics _metrics;
    private readonly KvCache _cache;
    private readonly SequenceList _running = new();
    private readonly TenantShares _shares = new();
    private readonly Admission _admission;
    private readonly StepPlanner _planner;
    private readonly TokenPicker _picker;
    private long _computedTokens;
    private long _steps;
    private long _preemptions;
    private long _draftedTokens;
    private long _acceptedTokens;

    public Scheduler(
        IModelRunner runner, ITokenVocabulary vocabulary, SchedulingOptions options, QueueGauge queue, TimeProvider time, EngineMetrics metrics,
        KvCacheOptions? cache = null, ILogger? logger = null)
    {
        (_runner, _queue, _time, _metrics) = (runner, queue, time, metrics);
        _cache = new KvCache(runner, cache, time, metrics.Blocks, logger);
        _admission = new Admission(_cache, _running, _shares, options, time);
        _planner = new StepPlanner(runner, _cache, _running, options, time);
        _picker = new TokenPicker(runner.VocabularySize, vocabulary);
    }

    public bool HasWork => _running.Count > 0 || _admission.Waiting.Count > 0;

    public int FailuresInARow { get; private set; }

    /// <summary>What the last failed step failed with.</summary>
    public Exception? LastFailure { get; private set; }

    public KvCache Cache => _cache;

    public PrefixTree Tree => _cache.Tree;

    public SchedulerCounts Counts => new(
        Tree.FreeCount, Tree.CachedCount, Tree.LeasedCount, _running.Count, _admission.Waiting.Count,
        _cache.QueriedTokens, _cache.HitTokens, _computedTokens, _steps, _preemptions, Tree.EvictedCount, _cache.FailedCopies,
        _draftedTokens, _acceptedTokens, Tree.PinnedCount, _cache.Tiers?.Counts ?? default);

    public void Add(Sequence sequence)
    {
        sequence.Share = _shares.Arrive(sequence.Tenant);
        sequence.SetKvVariant(_runner.KvVariant(sequence.TotalLength));
        _admission.Waiting.Add(sequence);
    }

    /// <summary>Runs the model once over what can go on now.</summary>
    public void Step()
    {
        long now = _time.GetTimestamp();
        EndUnwanted(_running, now);
        EndUnwanted(_admission.Waiting.Sequences, now);
        bool preempted = PreemptForDecodes();
        while (!preempted && _admission.AdmitNext(now) is { } started)
        {
            RecordStart(started, now);
            _queue.Leave(started);
        }

        bool waitsForLoads = _cache.AdvanceLoads(_running, now);
        _planner.Plan(now);
        if (_planner.Sequences.Count > 0)
        {
            RunTimed();
        }
        else if (waitsForLoads)
        {
            _cache.WaitForLoads();
        }
    }

    /// <summary>Ends everything that is under way.</summary>
    public void EndAll(FinishReason reason, string? error)
    {
        while (_running.Count > 0)
        {
            End(_running[^1], reason, error);
        }

        while (_admission.Waiting.Count > 0)
        {
            End(_admission.Waiting.Sequences[^1], reason, error);
        }
    }

    /// <summary>Answers everything with an error without touching KV: for when the scheduler's own state cannot be trusted.</summary>
    public void Abandon(string error)
    {
        _cache.Distrust();
        foreach (SequenceList sequences in new[] { _running, _admission.Waiting.Sequences })
        {
            while (sequences.Count > 0)
            {
                Reject(sequences[^1], error);
                sequences.RemoveAt(sequences.Count - 1);
            }
        }
    }

    /// <summary>Answers a sequence that was never added.</summary>
    public void Reject(Sequence sequence, string error)
    {
        _queue.Leave(sequence);
        sequence.Output.Finish(FinishReason.Error, sequence.Usage, error);
        sequence.Trace?.End(sequence, FinishReason.Error, _metrics.Model, _time, _time.GetTimestamp());
    }

    /// <summary>Nothing runs any more: what is cached goes where it outlives the engine.</summary>
    public void Dispose() => _cache.Dispose();

    private void EndUnwanted(SequenceList sequences, long now)
    {
        for (int index = sequences.Count - 1; index >= 0; index--)
        {
            Sequence sequence = sequences[index];
            if (sequence.Cancellation.IsCancellationRequested)
            {
                End(sequence, FinishReason.Cancelled, null);
            }
            else if (sequence.ExpiresAt <= now)
            {
                End(sequence, FinishReason.TimedOut, $"The request's deadline passed after {sequence.Usage.CompletionTokens} generated tokens.");
            }
        }
    }

    /// <summary>Gets every running answer the block for its next token; the last sequences give theirs up if need be.</summary>
    /// <returns>True when one had to: then nothing new is started in this step.</returns>
    private bool PreemptForDecodes()
    {
        bool preempted = false;
        for (int index = 0; index < _running.Count; index++)
        {
            _cache.Slide.GiveUp(_running[index], _running.Count);
            while (index < _running.Count && !_running[index].Lease!.TryReserve(_cache.Slide.Reach(_running[index])))
            {
                Preempt(_running[^1]);
                preempted = true;
            }
        }

        return preempted;
    }

    /// <summary>Its known blocks stay cached, so coming back is cheap unless others needed the room.</summary>
    private void Preempt(Sequence sequence)
    {
        _cache.EndLoad(sequence);
        sequence.Lease!.Complete(sequence.Tokens[..sequence.Computed]);
        sequence.Lease = null;
        sequence.Computed = 0;
        _running.Remove(sequence);
        _admission.Waiting.Add(sequence);
        TenantShares.Preempt(sequence.Share!);
        _preemptions++;
        _metrics.RecordPreemption();
    }

    private void RunTimed()
    {
        long start = _time.GetTimestamp();
        Run();
        if (FailuresInARow > 0)
        {
            return;
        }

        if (_planner.IsDecodeOnly)
        {
            _planner.Cost.Observe(_planner.Batch.TokenCount, _time.GetElapsedTime(start));
        }
        else
        {
            _cache.ObservePrefill(_planner.Batch.TokenCount, _time.GetElapsedTime(start));
        }
    }

    private void Run()
    {
        ReadOnlySpan<float> logits;
        try
        {
            logits = _runner.Run(_planner.Batch);
        }
        catch (Exception failure)
        {
            FailStep(failure);
            return;
        }

        FailuresInARow = 0;
        _steps++;
        _computedTokens += _planner.Batch.TokenCount;
        long now = _time.GetTimestamp();
        foreach (StepPlanner.Planned planned in _planner.Sequences)
        {
            Sequence sequence = planned.Sequence;
            sequence.Computed += planned.Length;
            sequence.Lease!.Publish(sequence.Tokens[..sequence.Computed]);
            ReadOnlySpan<float> rows = logits[..(planned.Rows * _runner.VocabularySize)];
            logits = logits[rows.Length..];
            if (sequence.NeedsPromptLogits)
            {
                DescribePrompt(sequence, rows);
            }

            if (sequence.Pending == 0)
            {
                PickTokens(sequence, planned.Drafted, rows[^((1 + planned.Drafted) * _runner.VocabularySize)..], now);
            }
        }
    }

    /// <summary>Each row tells how likely the prompt's next token was.</summary>
    /// <param name="rows">Logits of the tokens computed last, [rows, vocabulary].</param>
    private void DescribePrompt(Sequence sequence, ReadOnlySpan<float> rows)
    {
        int first = sequence.Computed - (rows.Length / _runner.VocabularySize);
        for (int position = first; position < Math.Min(sequence.Computed, sequence.PromptLength - 1); position++)
        {
            _picker.DescribePrompt(sequence, rows.Slice((position - first) * _runner.VocabularySize, _runner.VocabularySize), position + 1);
            sequence.DescribedTokens = position + 1;
        }
    }

    /// <summary>
    /// Picks the next token from the first row, and goes on with the row behind each drafted token that was picked. Every pick is
    /// the one that plain decoding would make from the same logits; a wrong guess's KV lies beyond <see cref="Sequence.Computed"/>
    /// and is overwritten by the next step.
    /// </summary>
    /// <param name="rows">Logits, [1 + drafted, vocabulary].</param>
    private void PickTokens(Sequence sequence, int drafted, ReadOnlySpan<float> rows, long now)
    {
        int accepted = 0;
        bool goesOn = true;
        for (int row = 0; goesOn && row <= drafted; row++)
        {
            int guess = row < drafted ? sequence.NextDraft : -1;
            goesOn = PickToken(sequence, rows.Slice(row * _runner.VocabularySize, _runner.VocabularySize), now);
            bool isRight = goesOn && sequence.Tokens[^1] == guess;
            accepted += isRight ? 1 : 0;
            sequence.Computed += isRight ? 1 : 0;
            goesOn = isRight;
        }

        if (drafted > 0)
        {
            RecordDraft(sequence, drafted, accepted);
        }
    }

    private void RecordDraft(Sequence sequence, int drafted, int accepted)
    {
        sequence.Lookup!.Learn(drafted, accepted);
        sequence.Lease?.Publish(sequence.Tokens[..sequence.Computed]);
        _draftedTokens += drafted;
        _acceptedTokens += accepted;
    }

    /// <returns>Whether the sequence goes on.</returns>
    private bool PickToken(Sequence sequence, ReadOnlySpan<float> row, long now)
    {
        bool isFirst = sequence.TokenCount == sequence.PromptLength;
        FinishReason? end = Pick(sequence, row, now, out string? error);
        TenantShares.Generate(sequence.Share!, 1);
        if (isFirst && sequence.TokenCount > sequence.PromptLength)
        {
            using RequestTrace.Scope? scope = sequence.Trace?.Enter();
            _metrics.RecordFirstToken(_time.GetElapsedTime(sequence.SubmittedAt, now));
            _metrics.RecordPrefill(_time.GetElapsedTime(sequence.AdmittedAt, now), _time.GetElapsedTime(0, sequence.LongestWait));
        }

        if (end is { } reason)
        {
            End(sequence, reason, error);
        }

        return end is null;
    }

    private FinishReason? Pick(Sequence sequence, ReadOnlySpan<float> row, long now, out string? error)
    {
        try
        {
            return _picker.Pick(sequence, row, now, out error);
        }
        catch (Exception failure)
        {
            // Constraints are the request's own code: what goes wrong in one is no reason to end the others.
            error = $"The next token could not be chosen: {failure.Message}";
            return FinishReason.Error;
        }
    }

    /// <summary>The step's own sequences end; KV published by earlier steps was never written to, so it stays good.</summary>
    private void FailStep(Exception failure)
    {
        FailuresInARow++;
        LastFailure = failure;
        _metrics.RecordFailedStep();
        foreach (StepPlanner.Planned planned in _planner.Sequences)
        {
            End(planned.Sequence, FinishReason.Error, $"The model failed: {failure.Message}");
        }
    }

    private void RecordStart(Sequence sequence, long now)
    {
        if (sequence.IsQueued)
        {
            using RequestTrace.Scope? scope = sequence.Trace?.Enter();
            _metrics.RecordQueueTime(_time.GetElapsedTime(sequence.SubmittedAt, now));
        }
    }

    private void End(Sequence sequence, FinishReason reason, string? error)
    {
        try
        {
            GiveBack(sequence, reason);
            RecordEnd(sequence, reason);
        }
        finally
        {
            // No list has it any more, so whatever went wrong it is answered here or never.
            _queue.Leave(sequence);
            sequence.Output.Finish(reason, sequence.Usage, error);
        }
    }

    private void GiveBack(Sequence sequence, FinishReason reason)
    {
        _shares.End(sequence.Share!, wasWaiting: sequence.Lease is null);
        if (sequence.Lease is { } lease)
        {
            _running.Remove(sequence);
            _cache.EndLoad(sequence);
            if (reason != FinishReason.Error)
            {
                lease.Complete(sequence.Tokens[..sequence.Computed]);
            }

            lease.Dispose();
            sequence.Lease = null;
        }
        else
        {
            _admission.Waiting.Remove(sequence);
        }
    }

    private void RecordEnd(Sequence sequence, FinishReason reason)
    {
        long now = _time.GetTimestamp();
        bool answered = sequence.Usage.CompletionTokens > 0;
        using (sequence.Trace?.Enter())
        {
            _metrics.RecordFinished(
                reason, sequence.Usage, _time.GetElapsedTime(sequence.SubmittedAt, now),
                answered ? _time.GetElapsedTime(sequence.FirstTokenAt, now) : null);
        }

        sequence.Trace?.End(sequence, reason, _metrics.Model, _time, now);
    }
}
