namespace CacheProxy.Inference.Scheduling;

/// <summary>Counts accepted requests that have not started yet; entered by any thread, left by the engine thread.</summary>
internal sealed class QueueGauge(int limit)
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _count) <= limit)
        {
            return true;
        }

        Interlocked.Decrement(ref _count);
        return false;
    }

    /// <summary>The sequence starts, or ends before that. Later calls for it do nothing.</summary>
    public void Leave(Sequence sequence)
    {
        if (sequence.IsQueued)
        {
            sequence.IsQueued = false;
            Interlocked.Decrement(ref _count);
        }
    }

    /// <summary>Takes back a <see cref="TryEnter"/> whose request was refused for another reason.</summary>
    public void Cancel() => Interlocked.Decrement(ref _count);
}
