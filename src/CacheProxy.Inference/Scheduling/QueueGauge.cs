namespace CacheProxy.Inference.Scheduling;

/// <summary>
/// Counts accepted requests that have not started yet, in all and per tenant, and measures how fast they start; entered by
/// any thread, left by the engine thread.
/// </summary>
internal sealed class QueueGauge(int limit, int tenantLimit, TimeProvider time)
{
    /// <summary>Weight of the newest interval between two starts.</summary>
    private const double Newest = 1.0 / 16;

    private static readonly TimeSpan ShortestRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _tenants = new(StringComparer.Ordinal);
    private int _count;
    private long _busySince;
    private double _secondsPerStart;
    private bool _hasRate;

    public int Count => Volatile.Read(ref _count);

    /// <returns>What is full, or <see cref="QueueState.Open"/> and the request counts.</returns>
    public QueueState TryEnter(string tenant)
    {
        lock (_lock)
        {
            int own = _tenants.GetValueOrDefault(tenant);
            if (_count >= limit)
            {
                return QueueState.Full;
            }

            if (own >= tenantLimit)
            {
                return QueueState.TenantFull;
            }

            _busySince = _count == 0 ? time.GetTimestamp() : _busySince;
            _tenants[tenant] = own + 1;
            Volatile.Write(ref _count, _count + 1);
            return QueueState.Open;
        }
    }

    /// <summary>The sequence starts, or ends before that. Later calls for it do nothing.</summary>
    public void Leave(Sequence sequence)
    {
        if (!sequence.IsQueued)
        {
            return;
        }

        sequence.IsQueued = false;
        lock (_lock)
        {
            long now = time.GetTimestamp();
            double interval = time.GetElapsedTime(_busySince, now).TotalSeconds;
            _secondsPerStart = _hasRate ? _secondsPerStart + (Newest * (interval - _secondsPerStart)) : interval;
            _hasRate = true;
            _busySince = now;
            Remove_NeedsLock(sequence.Tenant);
        }
    }

    /// <summary>Takes back a <see cref="TryEnter"/> whose request was refused for another reason.</summary>
    public void Cancel(string tenant)
    {
        lock (_lock)
        {
            Remove_NeedsLock(tenant);
        }
    }

    /// <summary>When a refused request should come again: the time in which half the queue starts at the measured rate, 1 to 60 s.</summary>
    public TimeSpan RetryAfter()
    {
        lock (_lock)
        {
            // A queue that has stopped moving counts the interval that is still open.
            double open = time.GetElapsedTime(_busySince).TotalSeconds;
            double interval = _secondsPerStart + (Newest * Math.Max(0, open - _secondsPerStart));
            var wait = TimeSpan.FromSeconds(Math.Min(interval * _count / 2, LongestRetry.TotalSeconds));
            return wait > ShortestRetry ? wait : ShortestRetry;
        }
    }

    private void Remove_NeedsLock(string tenant)
    {
        Volatile.Write(ref _count, _count - 1);
        int own = _tenants[tenant] - 1;
        if (own == 0)
        {
            _tenants.Remove(tenant);
        }
        else
        {
            _tenants[tenant] = own;
        }
    }
}
