using CacheProxy.Ledger.Files;

namespace CacheProxy.Ledger.Writing;

/// <summary>
/// Where the rows of one kind go in a batch. Most rows are hits of few entries, and finding their four sums takes four hashes over eight names: with the places of the last ones at
/// hand a row costs a comparison of references.
/// </summary>
internal sealed class BatchPlace(long minute, CellKey cell, in LedgerRow row)
{
    private readonly CellKey _cell = cell;
    private readonly string? _user = row.User;
    private readonly string? _entry = row.CountedEntryId;
    private readonly string? _prefix = row.PrefixId;

    public required LedgerTotals Sum { get; init; }

    public required LedgerTotals? User { get; init; }

    public required LedgerTotals? Entry { get; init; }

    public required LedgerTotals? Prefix { get; init; }

    /// <summary>The row that its last one was merged into; null: none was.</summary>
    public MergedRow? Merged { get; set; }

    public bool IsOf(long itsMinute, in CellKey itsCell, in LedgerRow other)
        => minute == itsMinute && _entry == other.CountedEntryId && _prefix == other.PrefixId && _user == other.User && _cell == itsCell;

    public void Add(in LedgerRow other)
    {
        Sum.Add(other);
        User?.Add(other, withTimes: false);
        Entry?.Add(other, withTimes: false);
        Prefix?.Add(other, withTimes: false);
    }
}
