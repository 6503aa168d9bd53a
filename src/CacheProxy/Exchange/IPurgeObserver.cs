namespace CacheProxy.Exchange;

/// <summary>Hears of entries that were purged, so that what points at them goes too. Faults are logged and change nothing.</summary>
public interface IPurgeObserver
{
    ValueTask OnPurgedAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken);
}
