using CacheProxy.Inference.Prefix;

namespace CacheProxy.Inference.Scheduling;

/// <summary>
/// The waiting sequences and the rule by which they start: in the queue's order, each with blocks for its whole prompt.
/// One whose prefix another sequence computes right now is passed over until that KV can be shared.
/// </summary>
internal sealed class Admission(KvCache cache, SequenceList running, TenantShares shares, SchedulingOptions options, TimeProvider time)
{
    public WaitingQueue Waiting { get; } = new(options, time);

    /// <summary>Starts the next sequence that may start, or returns null.</summary>
    public Sequence? AdmitNext(long now)
    {
        Waiting.BeginPass(now);
        while (running.Count < options.MaxRunning && Waiting.Next() is { } sequence)
        {
            if (IsStillHeldBack(sequence))
            {
                continue;
            }

            PrefixMatch match = cache.Match(sequence);
            if (!sequence.NeedsPromptLogits && HoldBack(sequence, match.Tokens))
            {
                continue;
            }

            // Nobody may overtake a sequence that lacks room, or a long prompt would starve behind short ones.
            return TryStart(sequence, match, now) ? sequence : null;
        }

        return null;
    }

    private bool TryStart(Sequence sequence, PrefixMatch match, long now)
    {
        // One block for each running sequence: what all of them need at most before the next one can end or be preempted.
        if (!cache.TryAdmit(sequence, match, headroom: running.Count))
        {
            return false;
        }

        shares.Start(sequence.Share!, sequence.HasStarted ? 0 : sequence.PromptLength - sequence.Computed);
        sequence.AdmittedAt = sequence.HasStarted ? sequence.AdmittedAt : now;
        sequence.HasStarted = true;
        Waiting.Remove(sequence);
        running.Add(sequence);
        sequence.ServedAt = now;
        return true;
    }

    private static bool IsStillHeldBack(Sequence sequence)
    {
        if (sequence.WaitsFor is { Lease: not null } leader && leader.Computed < sequence.WaitsForTokens)
        {
            return true;
        }

        sequence.WaitsFor = null;
        return false;
    }

    /// <summary>Looks for a running sequence that will have computed more full blocks of this prompt than the tree knows.</summary>
    private bool HoldBack(Sequence sequence, int known)
    {
        int blockSize = cache.Tree.BlockSize;
        int best = known;
        foreach (Sequence leader in running)
        {
            if (leader.Salt != sequence.Salt || leader.TokenCount <= best)
            {
                continue;
            }

            int common = sequence.Tokens[..^1].CommonPrefixLength(leader.Tokens);
            int shareable = common / blockSize * blockSize;
            if (shareable > best && leader.Computed < shareable)
            {
                best = shareable;
                sequence.WaitsFor = leader;
                sequence.WaitsForTokens = shareable;
            }
        }

        return sequence.WaitsFor is not null;
    }
}
