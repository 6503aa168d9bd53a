namespace CacheProxy.Forward.Upstreams;

/// <summary>
/// What is known of one upstream's health: failures in a row, its breaker, its probes. Decides whether it is asked; changes nothing by being asked, but for the
/// one request after a rest that finds out whether it is over.
/// </summary>
internal sealed class UpstreamHealth(UpstreamTuning tuning, TimeProvider clock)
{
    private int _failures;
    private long _restUntil;
    private long _openUntil;
    private int _probesInARow;
    private volatile bool _isDown;
    private int _active;

    /// <summary>Requests under way.</summary>
    public int Active => Volatile.Read(ref _active);

    public UpstreamState State
    {
        get
        {
            long now = Now;
            long openUntil = Volatile.Read(ref _openUntil);
            return _isDown ? UpstreamState.Down
                : openUntil > now ? UpstreamState.Open
                : IsWorn && Volatile.Read(ref _restUntil) > now ? UpstreamState.Resting
                : openUntil > 0 || IsWorn ? UpstreamState.HalfOpen
                : UpstreamState.Up;
        }
    }

    /// <summary>Until it may be asked again; zero: it may.</summary>
    public TimeSpan RestLeft
    {
        get
        {
            long until = Math.Max(Volatile.Read(ref _openUntil), IsWorn ? Volatile.Read(ref _restUntil) : 0);
            return TimeSpan.FromTicks(Math.Max(0, until - Now));
        }
    }

    private long Now => clock.GetUtcNow().UtcTicks;

    private bool IsWorn => tuning.RestAfterFailures > 0 && Volatile.Read(ref _failures) >= tuning.RestAfterFailures;

    /// <summary>Its probes do not fail and no rest is due.</summary>
    public bool MayBeAsked => !_isDown && RestLeft == TimeSpan.Zero;

    /// <summary>The same, of whoever is about to ask: after a rest only one may go first.</summary>
    public bool TryEnter()
    {
        if (!IsWorn)
        {
            return true;
        }

        long until = Volatile.Read(ref _restUntil);
        return until <= Now && Interlocked.CompareExchange(ref _restUntil, Now + tuning.BreakDuration.Ticks, until) == until;
    }

    public void Begin() => Interlocked.Increment(ref _active);

    public void End() => Interlocked.Decrement(ref _active);

    public void Succeeded() => Volatile.Write(ref _failures, 0);

    public void Failed()
    {
        if (Interlocked.Increment(ref _failures) >= tuning.RestAfterFailures)
        {
            Volatile.Write(ref _restUntil, Now + tuning.BreakDuration.Ticks);
        }
    }

    public void Opened(TimeSpan duration) => Volatile.Write(ref _openUntil, Now + duration.Ticks);

    public void Closed() => Volatile.Write(ref _openUntil, 0);

    /// <returns>True: this probe changed what is thought of it.</returns>
    public bool Probed(bool isUp)
    {
        if (isUp != _isDown)
        {
            _probesInARow = 0;
            return false;
        }

        if (++_probesInARow < tuning.HealthThreshold)
        {
            return false;
        }

        _probesInARow = 0;
        _isDown = !isUp;
        if (isUp)
        {
            Succeeded();
        }

        return true;
    }
}
