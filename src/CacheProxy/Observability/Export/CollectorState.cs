namespace CacheProxy.Observability.Export;

/// <summary>Whether the collector took what it was sent last; one for traces and metrics together. Any thread.</summary>
internal sealed class CollectorState
{
    private int _isFailing;

    /// <returns>True: it did take it before.</returns>
    public bool Failed() => Interlocked.Exchange(ref _isFailing, 1) == 0;

    /// <returns>True: it did not take it before.</returns>
    public bool Succeeded() => Volatile.Read(ref _isFailing) != 0 && Interlocked.Exchange(ref _isFailing, 0) == 1;
}
