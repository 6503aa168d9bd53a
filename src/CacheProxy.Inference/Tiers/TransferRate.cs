namespace CacheProxy.Inference.Tiers;

/// <summary>How much of something gets done in a second: a moving average that forgets itself when it is not fed, so that what was slow once is tried again.</summary>
internal sealed class TransferRate(TimeProvider time)
{
    private const double Weight = 0.2;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private double _perSecond;
    private long _measuredAt;

    /// <summary>Null while nothing is known.</summary>
    public double? PerSecond => _perSecond > 0 && time.GetElapsedTime(_measuredAt) < Lifetime ? _perSecond : null;

    /// <param name="elapsed">None at all measures nothing.</param>
    public void Observe(double amount, TimeSpan elapsed)
    {
        if (elapsed <= TimeSpan.Zero)
        {
            return;
        }

        double rate = amount / elapsed.TotalSeconds;
        _perSecond = PerSecond is { } known ? known + (Weight * (rate - known)) : rate;
        _measuredAt = time.GetTimestamp();
    }

    /// <returns>Seconds for an amount; 0 while nothing is known.</returns>
    public double SecondsFor(double amount) => PerSecond is { } rate ? amount / rate : 0;
}
