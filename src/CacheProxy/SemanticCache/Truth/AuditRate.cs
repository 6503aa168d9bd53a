namespace CacheProxy.SemanticCache.Truth;

/// <summary>At most so many audits a minute, spent as they come: a bucket that holds ten seconds' worth.</summary>
internal sealed class AuditRate(TimeProvider time)
{
    private readonly Lock _lock = new();
    private long _last = time.GetTimestamp();
    private double _tokens = 1;

    public bool TryTake(int perMinute)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            _tokens = Math.Min(Math.Max(1, perMinute / 6.0), _tokens + (time.GetElapsedTime(_last, now).TotalMinutes * perMinute));
            _last = now;
            if (_tokens < 1)
            {
                return false;
            }

            _tokens--;
            return true;
        }
    }
}
