namespace CacheProxy.Ledger;

/// <summary>
/// Answers questions about what was recorded, up to the last second. Sums over any range are those of its rows, for as long as the roll-up that
/// a range's ends fall into is kept (<see cref="LedgerOptions"/>); beyond that the ends are widened to whole minutes, hours or days.
/// </summary>
public interface ILedgerReader
{
    Task<LedgerTotals> TotalsAsync(LedgerFilter filter, CancellationToken cancellationToken = default);

    /// <summary>Totals step by step, the empty ones too, in the order of time; with <paramref name="by"/>, a point for each key that a step has.</summary>
    /// <param name="step">At least a minute.</param>
    /// <param name="zone">Where days begin, for steps of whole days; null: UTC.</param>
    Task<IReadOnlyList<LedgerPoint>> SeriesAsync(
        LedgerFilter filter, TimeSpan step, LedgerDimension? by = null, TimeZoneInfo? zone = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// The largest groups. Rows without a key of that kind (no user, no entry that answered) are left out. By user, entry and prefix sums are kept by the day (UTC):
    /// a first or last day with more than 20,000 rows counts whole, as <see cref="LedgerGroups"/> says, which is what is returned there.
    /// </summary>
    Task<IReadOnlyList<LedgerGroup>> GroupsAsync(
        LedgerFilter filter, LedgerDimension by, LedgerOrder order = LedgerOrder.Requests, int limit = 100, CancellationToken cancellationToken = default);

    /// <summary>Single rows, oldest first unless <paramref name="newestFirst"/>.</summary>
    IAsyncEnumerable<LedgerRow> RowsAsync(LedgerFilter filter, bool newestFirst = false, int limit = int.MaxValue, CancellationToken cancellationToken = default);
}
