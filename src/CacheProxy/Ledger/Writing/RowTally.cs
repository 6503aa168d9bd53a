namespace CacheProxy.Ledger.Writing;

/// <summary>
/// Counts the requests of a <see cref="RepeatedRow"/> since it was last written: what is equal in all of them is multiplied at the end. Comes to the same sums as their
/// rows, to the microsecond.
/// </summary>
internal sealed class RowTally(RepeatedRow of)
{
    private Share _all;
    private Share _merged;

    /// <summary>Distribution of the times of all of them.</summary>
    public LatencySketch FirstByte { get; private set; } = new();

    public LatencySketch Total { get; private set; } = new();

    public long Requests => _all.Requests;

    /// <summary>Of <see cref="Requests"/>: those that no row of their own says.</summary>
    public long Merged => _merged.Requests;

    public void Add(DateTimeOffset time, double firstByteSeconds, double totalSeconds, bool apart)
    {
        _all.Add(time, firstByteSeconds, totalSeconds);
        if (!apart)
        {
            _merged.Add(time, firstByteSeconds, totalSeconds);
        }

        FirstByte.Record(firstByteSeconds);
        Total.Record(totalSeconds);
    }

    /// <summary>One row that stands for all of them.</summary>
    public LedgerRow RowOfAll() => _all.ToRow(of.Row);

    /// <summary>One row that stands for those that have none; only where there are some.</summary>
    public LedgerRow RowOfMerged() => _merged.ToRow(of.Row);

    public void Clear()
    {
        (_all, _merged) = (default, default);
        (FirstByte, Total) = (new LatencySketch(), new LatencySketch());
    }

    private struct Share
    {
        private DateTimeOffset _latest;
        private double _firstByteSeconds;
        private long _totalMicroseconds;

        public long Requests { get; private set; }

        public void Add(DateTimeOffset time, double firstByteSeconds, double totalSeconds)
        {
            Requests++;
            _latest = time > _latest ? time : _latest;
            _firstByteSeconds += firstByteSeconds;
            // Rounded one by one, as a row's time is.
            _totalMicroseconds += LedgerRow.ToMicroseconds(totalSeconds);
        }

        public readonly LedgerRow ToRow(in LedgerRow row)
            => RowMerger.Times(row, (int)Requests) with { Time = _latest, FirstByteSeconds = _firstByteSeconds, TotalSeconds = _totalMicroseconds / 1e6 };
    }
}
