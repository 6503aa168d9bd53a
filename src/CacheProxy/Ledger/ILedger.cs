namespace CacheProxy.Ledger;

/// <summary>Where rows go. Never waits, never throws: what cannot be kept one by one is merged into rows that stand for several.</summary>
public interface ILedger
{
    /// <summary>False: nobody keeps or looks at rows, so none needs to be made.</summary>
    bool IsWanted { get; }

    void Add(in LedgerRow row);

    /// <summary>Another row that is as that one but for its times.</summary>
    /// <param name="time">In the same minute.</param>
    void Add(RepeatedRow row, DateTimeOffset time, double firstByteSeconds, double totalSeconds);

    /// <summary>Shows what was added to all who look on: they have seen all of it then. A matter of milliseconds, whatever the file does.</summary>
    void Drain();

    /// <summary>Rows that wait for the one that writes them.</summary>
    int Queued { get; }

    /// <summary>Rows that went into the file since the start; one that stands for several requests is one.</summary>
    long Written { get; }

    /// <summary>How long the oldest row that is not in the file has waited for it, at most; 0: none waits.</summary>
    double LagSeconds { get; }

    /// <summary>Requests whose rows were merged with others' since the start: nothing of their sums is lost.</summary>
    long Merged { get; }

    /// <summary>Requests whose rows could not be kept at all: the file could not be written until the end.</summary>
    long Lost { get; }

    /// <summary>Rows that an observer could not stand, since the start.</summary>
    long ObserverFaults { get; }
}
