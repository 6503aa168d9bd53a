namespace CacheProxy.Ledger.Prices;

/// <summary>
/// Divides a machine's busy time among the calls that keep it busy: while n calls run, each second is charged to each of them as the nth part. The
/// shares of all calls add up to the time during which at least one ran, so that calls that run together are not charged twice.
/// </summary>
/// <remarks>
/// Kept as one clock that runs at 1/n: a call's share is how far it went in between. It charges by presence and not by work: of two calls that ran
/// all the time beside each other, one of which wrote ten times as much, each pays half. Idle time is charged to nobody.
/// </remarks>
public sealed class MachineTime(TimeProvider clock)
{
    private readonly Lock _lock = new();
    private double _seconds;
    private long _at;
    private int _running;

    /// <summary>Every share has its <see cref="End"/>.</summary>
    public Share Begin()
    {
        lock (_lock)
        {
            Advance_NeedsLock();
            _running++;
            return new Share(_seconds);
        }
    }

    /// <summary>Seconds that the call is charged.</summary>
    public double End(Share share)
    {
        lock (_lock)
        {
            Advance_NeedsLock();
            _running--;
            return Math.Max(0, _seconds - share.BeganAt);
        }
    }

    private void Advance_NeedsLock()
    {
        long now = clock.GetTimestamp();
        if (_running > 0)
        {
            _seconds += clock.GetElapsedTime(_at, now).TotalSeconds / _running;
        }

        _at = now;
    }

    /// <summary>A call under way.</summary>
    /// <param name="BeganAt">Where the machine's clock stood.</param>
    public readonly record struct Share(double BeganAt);
}
