using System.Threading.Channels;
using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>
/// What waits for the log's one writer. Observations are bounded; a scope's counts take the place of its older ones; purges are always taken, since
/// trust that outlives its entry is the one thing that may not be lost. Nothing here waits.
/// </summary>
internal sealed class ObservationQueue(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private ObservationBatch _next = new();
    private int _taken;
    private bool _isComplete;

    /// <summary>Nothing waits, and what was taken is done.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
            {
                return _next.Count == 0 && _taken == 0;
            }
        }
    }

    /// <returns>False: there is no room, or nobody writes any more.</returns>
    public bool TryAdd(Observation observation)
    {
        lock (_lock)
        {
            if (_isComplete || _next.Observations.Count >= capacity)
            {
                return false;
            }

            _next.Observations.Add(observation);
            Wake();
            return true;
        }
    }

    public void Set(ScopeError error)
    {
        lock (_lock)
        {
            if (!_isComplete)
            {
                _next.Scopes[error.Key] = error;
                Wake();
            }
        }
    }

    public void Forget(IReadOnlyCollection<Fingerprint256> entries)
    {
        lock (_lock)
        {
            if (!_isComplete)
            {
                _next.Gone.Add(entries);
                Wake();
            }
        }
    }

    /// <summary>Nothing more is added; what waits is still taken.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _isComplete = true;
            Wake();
        }
    }

    /// <summary>Waits for something to write, and takes all of it. One caller at a time; whoever has taken a batch says when it is <see cref="Done"/>.</summary>
    /// <returns>Null: it is complete and empty.</returns>
    public async Task<ObservationBatch?> TakeAsync()
    {
        while (true)
        {
            await _wake.Reader.ReadAsync();
            lock (_lock)
            {
                if (_next.Count > 0)
                {
                    ObservationBatch batch = _next;
                    (_next, _taken) = (new ObservationBatch(), batch.Count);
                    if (_isComplete)
                    {
                        Wake();
                    }

                    return batch;
                }

                if (_isComplete)
                {
                    return null;
                }
            }
        }
    }

    public void Done()
    {
        lock (_lock)
        {
            _taken = 0;
        }
    }

    private void Wake() => _wake.Writer.TryWrite(true);
}
