namespace CacheProxy.Inference.Scheduling;

/// <summary>
/// Sequences without blocks, and the order in which they may start: by priority, and within one priority those that were
/// preempted, then the tenant that was served least, then by arrival. Priority counts for a limited time only: who waited
/// longer is as urgent as the most urgent one, so nobody starves.
/// </summary>
internal sealed class WaitingQueue(SchedulingOptions options, TimeProvider time)
{
    private readonly SequenceList _sequences = new();
    private long _pass;

    public SequenceList Sequences => _sequences;

    public int Count => _sequences.Count;

    public void Add(Sequence sequence) => _sequences.Add(sequence);

    public bool Remove(Sequence sequence) => _sequences.Remove(sequence);

    /// <summary>Starts a pass over the queue: every sequence can come up again.</summary>
    public void BeginPass(long now)
    {
        _pass++;
        for (int index = 1; index < _sequences.Count; index++)
        {
            Sequence sequence = _sequences[index];
            int most = _sequences[0].Urgency;
            if (sequence.Urgency > most && time.GetElapsedTime(sequence.SubmittedAt, now) >= options.PriorityPatience)
            {
                // Moves to or before its present place: everything behind stays to be looked at.
                _sequences.RemoveAt(index);
                sequence.Urgency = most;
                _sequences.Add(sequence);
            }
        }
    }

    /// <summary>The sequence whose turn it is, or null when all came up in this pass.</summary>
    public Sequence? Next()
    {
        Sequence? best = null;
        foreach (Sequence sequence in _sequences)
        {
            if (sequence.PassedIn == _pass)
            {
                continue;
            }

            if (best is not null && sequence.Urgency > best.Urgency)
            {
                break;
            }

            best = best is null || GoesBefore(sequence, best) ? sequence : best;
        }

        if (best is not null)
        {
            best.PassedIn = _pass;
        }

        return best;
    }

    /// <summary>Both are equally urgent and <paramref name="sequence"/> came later.</summary>
    private static bool GoesBefore(Sequence sequence, Sequence best)
    {
        if (sequence.HasStarted || best.HasStarted)
        {
            return !best.HasStarted;
        }

        return sequence.Share!.Served < best.Share!.Served;
    }
}
