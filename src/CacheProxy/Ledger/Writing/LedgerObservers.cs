namespace CacheProxy.Ledger.Writing;

/// <summary>All who look on at rows: none of them can hurt the request, the writer or another one.</summary>
internal sealed partial class LedgerObservers(IEnumerable<ILedgerObserver> observers, ILogger logger)
{
    private readonly ILedgerObserver[] _observers = [.. observers];
    private long _faults;

    public bool Any => _observers.Length > 0;

    /// <summary>Rows that one of them could not stand.</summary>
    public long Faults => Interlocked.Read(ref _faults);

    /// <summary>Somebody wants each row at once.</summary>
    public bool IsLive
    {
        get
        {
            foreach (ILedgerObserver observer in _observers)
            {
                if (observer.IsLive)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <param name="isLive">To those who want each row at once, or to the others.</param>
    public void Show(in LedgerRow row, bool isLive)
    {
        foreach (ILedgerObserver observer in _observers)
        {
            try
            {
                if (observer.IsLive == isLive)
                {
                    observer.OnAdded(row);
                }
            }
            catch (Exception exception)
            {
                // What one cannot stand the next row has too: it is said once.
                if (Interlocked.Increment(ref _faults) == 1)
                {
                    Log.Failed(logger, observer.GetType().Name, exception);
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1203, LogLevel.Error, "{Observer} failed on a row of the ledger: what it keeps of it is missing there, the row is not. Further failures are only counted", EventName = "LedgerObserverFailed")]
        public static partial void Failed(ILogger logger, string observer, Exception exception);
    }
}
