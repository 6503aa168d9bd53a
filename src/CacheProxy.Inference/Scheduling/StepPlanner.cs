using System.Diagnostics;
using CacheProxy.Inference.Execution;

namespace CacheProxy.Inference.Scheduling;

/// <summary>
/// Fills one step's batch under the runner's token budget: first a prompt that waited too long (a quarter of the step at
/// most), then one token for each running answer, then prompts in order of arrival, cut into chunks.
/// </summary>
internal sealed class StepPlanner(IModelRunner runner, SequenceList running, SchedulingOptions options, TimeProvider time)
{
    private readonly List<Planned> _planned = new(options.MaxRunning);
    private int _firstDecode;

    public StepBatch Batch { get; } = new();

    /// <summary>The sequences of <see cref="Batch"/>, in its order.</summary>
    public List<Planned> Sequences => _planned;

    /// <summary>Every sequence that runs must have blocks for all its tokens by now.</summary>
    public void Plan(long now)
    {
        Batch.Clear();
        _planned.Clear();
        int budget = runner.MaxBatchTokens;
        int prefillBudget = CountDecodes() > 0 ? Math.Min(budget, options.MaxPrefillTokensBesideDecodes) : budget;
        Sequence? overdue = FindOverdue(now);
        if (overdue is not null)
        {
            int chunk = Math.Min(prefillBudget, Math.Max(1, budget / 4));
            prefillBudget -= Add(overdue, chunk, now);
        }

        AddDecodes(now);
        foreach (Sequence sequence in running)
        {
            int chunk = Math.Min(prefillBudget, budget - Batch.TokenCount);
            if (chunk > 0 && !sequence.IsDecoding && sequence != overdue)
            {
                prefillBudget -= Add(sequence, chunk, now);
            }
        }
    }

    /// <summary>One token each; where the budget is smaller, the next step goes on with those left out.</summary>
    private void AddDecodes(long now)
    {
        int count = running.Count;
        int start = count == 0 ? 0 : _firstDecode % count;
        for (int offset = 0; offset < count; offset++)
        {
            int index = (start + offset) % count;
            if (!running[index].IsDecoding)
            {
                continue;
            }

            if (Batch.TokenCount == runner.MaxBatchTokens)
            {
                _firstDecode = index;
                return;
            }

            Add(running[index], 1, now);
        }
    }

    private int Add(Sequence sequence, int limit, long now)
    {
        int length = Math.Min(sequence.Pending, limit);
        Debug.Assert(sequence.Lease!.BlockCount * runner.BlockSize >= sequence.Computed + length, "Blocks are reserved before planning.");
        bool last = length == sequence.Pending;
        Batch.Add(sequence.Tokens.Slice(sequence.Computed, length), sequence.Computed, sequence.Lease.BlockTable, last ? 1 : 0);
        _planned.Add(new Planned(sequence, length));
        sequence.ServedAt = now;
        return length;
    }

    /// <summary>The prompt that was left out longest, if that is longer than allowed.</summary>
    private Sequence? FindOverdue(long now)
    {
        Sequence? longest = null;
        foreach (Sequence sequence in running)
        {
            if (!sequence.IsDecoding && (longest is null || sequence.ServedAt < longest.ServedAt))
            {
                longest = sequence;
            }
        }

        return longest is not null && time.GetElapsedTime(longest.ServedAt, now) >= options.MaxPrefillWait ? longest : null;
    }

    private int CountDecodes()
    {
        int count = 0;
        foreach (Sequence sequence in running)
        {
            count += sequence.IsDecoding ? 1 : 0;
        }

        return count;
    }

    /// <param name="Length">Its tokens in this step.</param>
    public readonly record struct Planned(Sequence Sequence, int Length);
}
