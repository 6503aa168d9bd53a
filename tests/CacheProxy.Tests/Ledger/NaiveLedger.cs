using System.Runtime.CompilerServices;

using CacheProxy.Ledger;

namespace CacheProxy.Tests.Ledger;

/// <summary>Answers every question by going through all rows: what the real one must agree with.</summary>
internal sealed class NaiveLedger : ILedgerReader
{
    private readonly List<LedgerRow> _rows = [];

    public void Add(in LedgerRow row) => _rows.Add(row);

    public Task<LedgerTotals> TotalsAsync(LedgerFilter filter, CancellationToken cancellationToken = default) => Task.FromResult(Sum(Matching(filter)));

    public Task<IReadOnlyList<LedgerPoint>> SeriesAsync(
        LedgerFilter filter, TimeSpan step, LedgerDimension? by = null, TimeZoneInfo? zone = null, CancellationToken cancellationToken = default)
    {
        var points = new List<LedgerPoint>();
        foreach ((DateTimeOffset start, DateTimeOffset end) in SeriesSteps.Of(filter.From, filter.To, step, zone ?? TimeZoneInfo.Utc))
        {
            LedgerRow[] rows = Matching(filter with { From = start > filter.From ? start : filter.From, To = end < filter.To ? end : filter.To });
            points.AddRange(by is { } dimension
                ? rows.GroupBy(row => LedgerKeys.Of(row, dimension)).Where(group => group.Key is not null).Select(group => new LedgerPoint(start, group.Key, Sum(group)))
                : [new LedgerPoint(start, null, Sum(rows))]);
        }

        return Task.FromResult<IReadOnlyList<LedgerPoint>>(points);
    }

    public Task<IReadOnlyList<LedgerGroup>> GroupsAsync(
        LedgerFilter filter, LedgerDimension by, LedgerOrder order = LedgerOrder.Requests, int limit = 100, CancellationToken cancellationToken = default)
        => Task.FromResult<IReadOnlyList<LedgerGroup>>([.. Matching(filter).GroupBy(row => LedgerKeys.Of(row, by)).Where(group => group.Key is not null)
            .Select(group => new LedgerGroup(group.Key!, Sum(group))).OrderByDescending(group => LedgerKeys.Rank(group.Totals, order)).ThenBy(group => group.Key, StringComparer.Ordinal).Take(limit)]);

    public async IAsyncEnumerable<LedgerRow> RowsAsync(
        LedgerFilter filter, bool newestFirst = false, int limit = int.MaxValue, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        LedgerRow[] rows = [.. Matching(filter).OrderBy(row => row.Time)];
        foreach (LedgerRow row in (newestFirst ? rows.Reverse() : rows).Take(limit))
        {
            yield return row;
        }
    }

    private LedgerRow[] Matching(LedgerFilter filter) => [.. _rows.Where(row => filter.Matches(row))];

    private static LedgerTotals Sum(IEnumerable<LedgerRow> rows)
    {
        var totals = new LedgerTotals();
        foreach (LedgerRow row in rows)
        {
            totals.Add(row);
        }

        return totals;
    }
}
