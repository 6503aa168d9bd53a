using CacheProxy.Ledger;
using CacheProxy.Storage;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Tests.Functional.Faults;

/// <summary>Whether a ledger's sums are those of its rows: by every roll-up, and by every key that groups are kept by.</summary>
internal static class LedgerSums
{
    private static readonly DateTimeOffset Start = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly LedgerFilter All = new(Start, Start.AddYears(200));

    /// <summary>Settings in which whatever is asked has a price: sums of money are to be compared too.</summary>
    public static Dictionary<string, string> Priced => new() { ["Ledger:Prices:0:Model"] = "*", ["Ledger:Prices:0:Input"] = "2", ["Ledger:Prices:0:Output"] = "4" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<List<LedgerRow>> RowsAsync(ILedgerReader reader)
    {
        List<LedgerRow> rows = [];
        await foreach (LedgerRow row in reader.RowsAsync(All, cancellationToken: Cancellation))
        {
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Where nothing is written meanwhile.</summary>
    public static async Task AssertAreThoseOfRowsAsync(ILedgerReader reader)
    {
        List<LedgerRow> rows = await RowsAsync(reader);
        Assert.NotEmpty(rows);
        long[] expected = SumsOf(rows);
        LedgerTotals totals = await reader.TotalsAsync(All, Cancellation);
        Assert.True(totals.Paid > Money.Zero && totals.Requests > 0);
        Assert.Equal(expected, totals.Sums.ToArray());

        // Whole days: no step of any length is cut, and keys come from what is kept of days. Few of them, for they are read one by one.
        DateTimeOffset day = new(rows.Min(row => row.Time).UtcDateTime.Date, TimeSpan.Zero);
        var days = new LedgerFilter(day, day.AddDays(2));
        foreach (TimeSpan step in new[] { TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), TimeSpan.FromDays(1) })
        {
            IReadOnlyList<LedgerPoint> points = await reader.SeriesAsync(days, step, cancellationToken: Cancellation);
            Assert.Equal(expected, Sum(points.Select(point => point.Totals)));
        }

        await AssertGroupsAsync(reader, days, LedgerDimension.Model, rows.ToLookup(row => row.Model));
        await AssertGroupsAsync(reader, days, LedgerDimension.Entry, rows.Where(row => row.CountedEntryId is not null).ToLookup(row => row.CountedEntryId!));
    }

    /// <summary>What SQLite finds wrong with a file; <c>ok</c>: nothing.</summary>
    public static string? Check(string folder, string name)
    {
        using SqliteConnection connection = SqliteFile.OpenForReading(Path.Combine(folder, name));
        return (string?)SqliteFile.Scalar(connection, "PRAGMA integrity_check");
    }

    private static async Task AssertGroupsAsync(ILedgerReader reader, LedgerFilter filter, LedgerDimension by, ILookup<string, LedgerRow> rows)
    {
        IReadOnlyList<LedgerGroup> groups = await reader.GroupsAsync(filter, by, limit: int.MaxValue, cancellationToken: Cancellation);
        Assert.Equal(rows.Count, groups.Count);
        Assert.All(groups, group => Assert.Equal(SumsOf(rows[group.Key]), group.Totals.Sums.ToArray()));
    }

    private static long[] SumsOf(IEnumerable<LedgerRow> rows)
    {
        var totals = new LedgerTotals();
        foreach (LedgerRow row in rows)
        {
            totals.Add(row);
        }

        return totals.Sums.ToArray();
    }

    private static long[] Sum(IEnumerable<LedgerTotals> parts)
    {
        var totals = new LedgerTotals();
        foreach (LedgerTotals part in parts)
        {
            totals.Merge(part);
        }

        return totals.Sums.ToArray();
    }
}
