using CacheProxy.Ledger.Writing;

namespace CacheProxy.Ledger;

/// <summary>
/// What the rows of requests that repeat have in common: all but when they were and how long they took. Each further one hands over three numbers and a reference to
/// this: a cache line on its way to the writer in the place of a row's seven.
/// </summary>
/// <param name="first">One of them; all are in its minute (UTC).</param>
public sealed class RepeatedRow(in LedgerRow first)
{
    private readonly LedgerRow _row = first;

    internal ref readonly LedgerRow Row => ref _row;

    /// <summary>The writer's own count of them.</summary>
    internal RowTally? Tally { get; set; }

    internal LedgerRow At(DateTimeOffset time, double firstByteSeconds, double totalSeconds)
        => _row with { Time = time, FirstByteSeconds = firstByteSeconds, TotalSeconds = totalSeconds };
}
