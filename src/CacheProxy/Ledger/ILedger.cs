namespace CacheProxy.Ledger;

/// <summary>Where rows go. Never waits, never throws: what cannot be kept one by one is merged into rows that stand for several.</summary>
public interface ILedger
{
    void Add(in LedgerRow row);

    /// <summary>Requests whose rows were merged with others' since the start: nothing of their sums is lost.</summary>
    long Merged { get; }

    /// <summary>Requests whose rows could not be kept at all since the start: the file cannot be written.</summary>
    long Lost { get; }
}
