namespace CacheProxy.Forward;

/// <summary>Breaks off where the next byte does not come in time.</summary>
internal sealed class TimedStream(Stream inner, TimeSpan limit, TimeProvider clock) : ReadOnlyStream(inner)
{
    private readonly CancellationTokenSource _late = new(Timeout.InfiniteTimeSpan, clock);
    private CancellationTokenRegistration _registration;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_registration == default)
        {
            // One token goes with all reads of a body.
            _registration = cancellationToken.UnsafeRegister(static late => ((CancellationTokenSource)late!).Cancel(), _late);
        }

        _late.CancelAfter(limit);
        try
        {
            return await Inner.ReadAsync(buffer, _late.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"The upstream was silent for {limit.TotalSeconds} seconds.");
        }
        finally
        {
            _late.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _registration.Dispose();
            _late.Dispose();
        }

        base.Dispose(disposing);
    }
}
