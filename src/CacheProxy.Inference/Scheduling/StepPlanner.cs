using System.Diagnostics;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Prefix;
using CacheProxy.Inference.Speculation;

namespace CacheProxy.Inference.Scheduling;

/// <summary>
/// Fills one step's batch under the runner's token budget: first a prompt that waited too long (a quarter of the step at
/// most), then one token for each running answer with what is drafted behind it, then prompts in their order, cut into chunks.
/// </summary>
internal sealed class StepPlanner(IModelRunner runner, KvCache cache, SequenceList running, SchedulingOptions options, TimeProvider time)
{
    private readonly List<Planned> _planned = new(options.MaxRunning);
    private int _firstDecode;
    private int _draftBudget;
    private bool _describesPrompts;
    private double _breakEven;

    public StepBatch Batch { get; } = new();

    /// <summary>The sequences of <see cref="Batch"/>, in its order.</summary>
    public List<Planned> Sequences => _planned;

    /// <summary>The step computes no prompt: each of its tokens has a row of logits.</summary>
    public bool IsDecodeOnly => !_describesPrompts && Batch.TokenCount == Batch.LogitRowCount;

    /// <summary>What the rows of decoding steps cost.</summary>
    public StepCost Cost { get; } = new();

    /// <summary>Every sequence that runs must have blocks for all its tokens by now.</summary>
    public void Plan(long now)
    {
        Batch.Clear();
        _planned.Clear();
        _describesPrompts = false;
        int budget = runner.MaxBatchTokens;
        int decodes = CountDecodes();
        int prefillBudget = decodes > 0 ? Math.Min(budget, options.MaxPrefillTokensBesideDecodes) : budget;
        PlanDrafts(decodes, decodes < running.Count ? prefillBudget : 0);
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
            if (chunk > 0 && !sequence.IsDecoding && sequence.Load is null && sequence != overdue)
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

            Add(running[index], 1, now, Draft(running[index]));
        }
    }

    /// <summary>What is left of the step for guesses once every answer has its token and the prompts their share.</summary>
    private void PlanDrafts(int decodes, int prefillBudget)
    {
        _draftBudget = Math.Max(0, runner.MaxBatchTokens - decodes - prefillBudget);
        _breakEven = decodes > 0 ? Cost.BreakEven(decodes) : 1;
    }

    /// <returns>How many tokens are drafted for the sequence in this step.</returns>
    private int Draft(Sequence sequence)
    {
        if (sequence.Lookup is not { } lookup || _draftBudget == 0)
        {
            return 0;
        }

        int drafted = sequence.Draft(Math.Min(lookup.Most, _draftBudget), _breakEven);
        drafted = Math.Min(drafted, RoomFor(sequence, drafted));
        _draftBudget -= drafted;
        return drafted;
    }

    /// <summary>Drafts may take free blocks, but not those that running answers will need next: a guess must not preempt anybody.</summary>
    private int RoomFor(Sequence sequence, int drafted)
    {
        PrefixLease lease = sequence.Lease!;
        int wanted = cache.BlocksFor(sequence.TokenCount + drafted) - lease.BlockCount;
        if (wanted > 0 && cache.Tree.AvailableCount - wanted >= running.Count)
        {
            lease.TryReserve(sequence.TokenCount + drafted);
        }

        return (lease.BlockCount * runner.BlockSize) - sequence.TokenCount;
    }

    private int Add(Sequence sequence, int limit, long now, int drafted = 0)
    {
        int length = Math.Min(sequence.Pending, limit);
        Debug.Assert(sequence.Lease!.BlockCount * runner.BlockSize >= sequence.Computed + length + drafted, "Blocks are reserved before planning.");
        int rows = length == sequence.Pending ? 1 + drafted : 0;
        if (sequence.NeedsPromptLogits)
        {
            // After a preemption the first chunks may hold nothing that was not described before.
            rows = Math.Max(0, sequence.Computed + length - Math.Max(sequence.Computed, sequence.DescribedTokens));
            _describesPrompts = true;
        }

        Batch.Add(sequence.Upcoming(length, drafted), sequence.Computed, sequence.Lease.BlockTable, rows, sequence.TotalLength);
        _planned.Add(new Planned(sequence, length, drafted, rows));
        sequence.LongestWait = Math.Max(sequence.LongestWait, sequence.IsDecoding ? 0 : now - sequence.ServedAt);
        sequence.ServedAt = now;
        return length;
    }

    /// <summary>The prompt that was left out longest, if that is longer than allowed.</summary>
    private Sequence? FindOverdue(long now)
    {
        Sequence? longest = null;
        foreach (Sequence sequence in running)
        {
            if (!sequence.IsDecoding && sequence.Load is null && (longest is null || sequence.ServedAt < longest.ServedAt))
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
    /// <param name="Drafted">Guesses behind them.</param>
    /// <param name="Rows">Rows of logits, those of its last tokens.</param>
    public readonly record struct Planned(Sequence Sequence, int Length, int Drafted, int Rows);
}
