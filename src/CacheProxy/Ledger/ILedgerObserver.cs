namespace CacheProxy.Ledger;

/// <summary>Sees every row. What it throws is counted and hurts nobody, but its own figures then lack the row.</summary>
public interface ILedgerObserver
{
    /// <summary>
    /// True: it wants each row as it is made, on the request's own thread, and must take less than a microsecond. False: on the writer's, within half a second, and rows
    /// that repeat as one that stands for them. Asked for each row: somebody may begin to look on.
    /// </summary>
    bool IsLive => true;

    /// <summary>Several threads at a time may call it.</summary>
    void OnAdded(in LedgerRow row);
}
