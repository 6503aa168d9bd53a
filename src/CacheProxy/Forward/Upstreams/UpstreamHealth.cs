namespace CacheProxy.Forward.Upstreams;

/// <summary>
/// What is known of one upstream's health: requests in a row that failed, its breaker, its probes. Decides whether it is asked; changes nothing by being asked, but
/// for the one request after a rest that finds out whether it is over. Where nobody else is left to ask, a rest is short: to be cut off is worse than to ask in vain.
/// </summary>
internal sealed class UpstreamHealth(UpstreamTuning tuning, TimeProvider clock)
{
    private static readonly TimeSpan LoneRest = TimeSpan.FromSeconds(1);

    private int _failures;
    private volatile Rest _rest;
    // The rest, or the last trial in it, began then: UTC ticks.
    private long _since;
    private int _probesInARow;
    private volatile bool _isDown;
    private int _active;

    private enum Rest
    {
        None,
        Worn,
        Broken,
    }

    /// <summary>Requests under way.</summary>
    public int Active => Volatile.Read(ref _active);

    public UpstreamState State => _isDown ? UpstreamState.Down
        : _rest == Rest.None ? UpstreamState.Up
        : RestLeft(isLast: false) == TimeSpan.Zero ? UpstreamState.HalfOpen
        : _rest == Rest.Broken ? UpstreamState.Open
        : UpstreamState.Resting;

    private long Now => clock.GetUtcNow().UtcTicks;

    /// <summary>Its probes do not fail and no rest is due.</summary>
    public bool MayBeAsked => !_isDown && RestLeft(isLast: false) == TimeSpan.Zero;

    /// <summary>Until it may be asked again; zero: it may.</summary>
    /// <param name="isLast">Nobody else is left to ask.</param>
    public TimeSpan RestLeft(bool isLast)
        => _rest == Rest.None ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Max(0, Volatile.Read(ref _since) + RestOf(isLast).Ticks - Now));

    /// <summary>The same, of whoever is about to ask: after a rest only one may go first, and the next one when as much time has passed again.</summary>
    public Admission TryEnter(bool isLast)
    {
        long since = Volatile.Read(ref _since);
        if (_rest == Rest.None || tuning.BreakDuration == TimeSpan.Zero)
        {
            return Admission.Free;
        }

        long now = Now;
        return since + RestOf(isLast).Ticks <= now && Interlocked.CompareExchange(ref _since, now, since) == since ? Admission.Trial : Admission.Refused;
    }

    public void Begin() => Interlocked.Increment(ref _active);

    public void End() => Interlocked.Decrement(ref _active);

    /// <summary>A request was answered. One that was under way when the breaker opened does not close it.</summary>
    public void Succeeded()
    {
        Volatile.Write(ref _failures, 0);
        if (_rest == Rest.Worn)
        {
            _rest = Rest.None;
        }
    }

    /// <returns>True: it rests from now on.</returns>
    public bool Failed()
    {
        if (tuning.RestAfterFailures == 0 || Interlocked.Increment(ref _failures) < tuning.RestAfterFailures || _rest != Rest.None)
        {
            return false;
        }

        Volatile.Write(ref _since, Now);
        _rest = Rest.Worn;
        return true;
    }

    /// <summary>The breaker has opened.</summary>
    public void Opened()
    {
        Volatile.Write(ref _since, Now);
        _rest = Rest.Broken;
    }

    /// <summary>A trial was answered: whatever the rest was for, it is over.</summary>
    public void Recovered()
    {
        Volatile.Write(ref _failures, 0);
        _rest = Rest.None;
    }

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

    private TimeSpan RestOf(bool isLast) => isLast && tuning.BreakDuration > LoneRest ? LoneRest : tuning.BreakDuration;
}
