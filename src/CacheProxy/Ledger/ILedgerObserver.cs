namespace CacheProxy.Ledger;

/// <summary>Sees every row as it is made, before any merging.</summary>
public interface ILedgerObserver
{
    /// <summary>On the request's own thread: must take less than a microsecond. What it throws is counted and hurts nobody, but its own figures then lack the row.</summary>
    void OnAdded(in LedgerRow row);
}
