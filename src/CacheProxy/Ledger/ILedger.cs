namespace CacheProxy.Ledger;

/// <summary>Where rows go. Never waits, never throws: what cannot be kept one by one is merged into rows that stand for several.</summary>
public interface ILedger
{
    /// <summary>False: nobody keeps or looks at rows, so none needs to be made.</summary>
    bool IsWanted { get; }

    void Add(in LedgerRow row);

    /// <summary>Requests whose rows were merged with others' since the start: nothing of their sums is lost.</summary>
    long Merged { get; }

    /// <summary>Requests whose rows could not be kept at all since the start: the file cannot be written.</summary>
    long Lost { get; }

    /// <summary>Rows that an observer could not stand, since the start.</summary>
    long ObserverFaults { get; }
}
