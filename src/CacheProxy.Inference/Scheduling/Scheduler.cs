using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Prefix;
using CacheProxy.Inference.Text;

namespace CacheProxy.Inference.Scheduling;

/// <summary>
/// Continuous batching, one step at a time: drop the cancelled, make room for running answers (preempting the youngest
/// sequence where there is none), start waiting ones, plan, run, commit. No locks and no clock of its own; one thread.
/// Every sequence added ends in exactly one terminal event.
/// </summary>
internal sealed class Scheduler
{
    private readonly IModelRunner _runner;
    private readonly QueueGauge _queue;
    private readonly TimeProvider _time;
    private readonly EngineMetrics _metrics;
    private readonly KvCache _cache;
    private readonly SequenceList _running = new();
    private readonly Admission _admission;
    private readonly StepPlanner _planner;
    private readonly TokenPicker _picker;
    private long _computedTokens;
    private long _steps;
    private long _preemptions;

    public Scheduler(
        IModelRunner runner, ITokenVocabulary vocabulary, SchedulingOptions options, QueueGauge queue, TimeProvider time, EngineMetrics metrics)
    {
        (_runner, _queue, _time, _metrics) = (runner, queue, time, metrics);
        _cache = new KvCache(runner);
        _admission = new Admission(_cache, _running, options);
        _planner = new StepPlanner(runner, _running, options, time);
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
        _cache.QueriedTokens, _cache.HitTokens, _computedTokens, _steps, _preemptions, Tree.EvictedCount, _cache.FailedCopies);

    public void Add(Sequence sequence) => _admission.Waiting.Add(sequence);

    /// <summary>Runs the model once over what can go on now.</summary>
    public void Step()
    {
        long now = _time.GetTimestamp();
        EndCancelled(_running);
        EndCancelled(_admission.Waiting);
        bool preempted = PreemptForDecodes();
        while (!preempted && _admission.AdmitNext(now) is { } started)
        {
            _queue.Leave(started);
        }

        _planner.Plan(now);
        if (_planner.Sequences.Count > 0)
        {
            Run();
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
            End(_admission.Waiting[^1], reason, error);
        }
    }

    /// <summary>Answers everything with an error without touching KV: for when the scheduler's own state cannot be trusted.</summary>
    public void Abandon(string error)
    {
        foreach (SequenceList sequences in new[] { _running, _admission.Waiting })
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
    }

    private void EndCancelled(SequenceList sequences)
    {
        for (int index = sequences.Count - 1; index >= 0; index--)
        {
            if (sequences[index].Cancellation.IsCancellationRequested)
            {
                End(sequences[index], FinishReason.Cancelled, null);
            }
        }
    }

    /// <summary>Gets every running answer the block for its next token; the youngest sequences give theirs up if need be.</summary>
    /// <returns>True when one had to: then nothing new is started in this step.</returns>
    private bool PreemptForDecodes()
    {
        bool preempted = false;
        for (int index = 0; index < _running.Count; index++)
        {
            while (index < _running.Count && !_running[index].Lease!.TryReserve(_running[index].TokenCount))
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
        sequence.Lease!.Complete(sequence.Tokens[..sequence.Computed]);
        sequence.Lease = null;
        sequence.Computed = 0;
        _running.Remove(sequence);
        _admission.Waiting.Add(sequence);
        _preemptions++;
        _metrics.RecordPreemption();
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
        int row = 0;
        foreach (StepPlanner.Planned planned in _planner.Sequences)
        {
            planned.Sequence.Computed += planned.Length;
            planned.Sequence.Lease!.Publish(planned.Sequence.Tokens[..planned.Sequence.Computed]);
            if (planned.Sequence.Pending == 0)
            {
                PickToken(planned.Sequence, logits.Slice(row++ * _runner.VocabularySize, _runner.VocabularySize), now);
            }
        }
    }

    private void PickToken(Sequence sequence, ReadOnlySpan<float> row, long now)
    {
        FinishReason? end = _picker.Pick(sequence, row, now, out string? error);
        if (sequence.Usage.CompletionTokens == 1)
        {
            _metrics.RecordFirstToken(_time.GetElapsedTime(sequence.SubmittedAt, now));
        }

        if (end is { } reason)
        {
            End(sequence, reason, error);
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

    private void End(Sequence sequence, FinishReason reason, string? error)
    {
        if (sequence.Lease is { } lease)
        {
            _running.Remove(sequence);
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

        _queue.Leave(sequence);
        long now = _time.GetTimestamp();
        bool answered = sequence.Usage.CompletionTokens > 0;
        _metrics.RecordFinished(
            reason, sequence.Usage, _time.GetElapsedTime(sequence.SubmittedAt, now),
            answered ? _time.GetElapsedTime(sequence.FirstTokenAt, now) : null);
        sequence.Output.Finish(reason, sequence.Usage, error);
    }
}
