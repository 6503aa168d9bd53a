using CacheProxy.Ledger;
using CacheProxy.Ledger.Writing;
using CacheProxy.Storage;
using CacheProxy.Tests.SemanticCache;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Ledger.Writing;

/// <summary>Whatever happens to the file, the sums are those of the rows, and whoever records does not notice.</summary>
public class LedgerWriterTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly LedgerFilter Everything = new(Start.AddYears(-1), Start.AddYears(1));
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_BeyondTheBudget_AreMergedWithExactSums()
    {
        await using var ledger = new LedgerUnderTest(new LedgerOptions { RowsPerSecond = 50 });
        await AddAsync(ledger, seed: 1, rows: 5000, TimeSpan.FromMinutes(2));

        await AssertSumsAsync(ledger);
        List<LedgerRow> rows = await ledger.Reader.RowsAsync(Everything, cancellationToken: Cancellation).ToListAsync(Cancellation);
        Assert.Equal(5000, rows.Sum(row => row.Requests));
        Assert.Equal(5000 - 50, ledger.Writer.Merged);
        TotalsAssert.Equal(await ledger.Naive.TotalsAsync(Everything, Cancellation), Sum(rows), withTimes: false, secondsWithin: 5000);
        IReadOnlyList<LedgerGroup> expected = await ledger.Naive.GroupsAsync(Everything, LedgerDimension.Entry, limit: 5, cancellationToken: Cancellation);
        IReadOnlyList<LedgerGroup> entries = await ledger.Reader.GroupsAsync(Everything, LedgerDimension.Entry, limit: 5, cancellationToken: Cancellation);
        Assert.Equal(expected.Select(group => (group.Key, group.Totals.Requests)), entries.Select(group => (group.Key, group.Totals.Requests)));
    }

    [Fact]
    public async Task FullQueue_LosesNoSum()
    {
        await using var ledger = new LedgerUnderTest();
        var writer = new LedgerWriter(ledger.Folder, new TestOptions<LedgerOptions>(ledger.Options), [], ledger.Clock, ledger.Log);
        for (int i = 0; i < 20_000; i++)
        {
            // Nobody takes: the ring has room for 16,384.
            writer.Add(SampleRows.Hit(Start));
        }

        Assert.Equal(20_000 - 16_384, writer.Merged);
        await writer.StartAsync(Cancellation);
        await writer.SettleAsync(Cancellation);
        LedgerTotals totals = await ledger.Reader.TotalsAsync(Everything, Cancellation);
        Assert.Equal((20_000, 20_000 * 4_500_000L, 20_000), (totals.Requests, totals.Avoided.Nanodollars, totals.HitLatency.Total.Count));
        Assert.Equal(0, writer.Lost);
        await writer.StopAsync(Cancellation);
        writer.Dispose();
    }

    [Fact]
    public async Task Lag_IsThatOfTheOldestRowThatIsNotInTheFile()
    {
        await using var ledger = new LedgerUnderTest();
        using var writer = new LedgerWriter(ledger.Folder, new TestOptions<LedgerOptions>(ledger.Options), [], ledger.Clock, ledger.Log);
        ledger.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((0, 0), (writer.Queued, writer.LagSeconds));

        writer.Add(SampleRows.Hit(Start));
        writer.Add(SampleRows.Hit(Start));
        ledger.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal((2, 0L), (writer.Queued, writer.Written));
        Assert.InRange(writer.LagSeconds, 3, 63);

        await writer.StartAsync(Cancellation);
        await writer.SettleAsync(Cancellation);
        Assert.Equal((0, 2L, 0), (writer.Queued, writer.Written, writer.LagSeconds));
        await writer.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Lag_GrowsWhileTheFileCannotBeUsed()
    {
        await using var ledger = new LedgerUnderTest();
        Directory.CreateDirectory(ledger.FilePath);
        await ledger.SettleAsync();
        ledger.Writer.Add(SampleRows.Hit(Start));
        await ledger.SettleAsync();
        ledger.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal((0, 0L, 4), (ledger.Writer.Queued, ledger.Writer.Written, ledger.Writer.LagSeconds));

        Directory.Delete(ledger.FilePath);
        ledger.Clock.Advance(TimeSpan.FromSeconds(2));
        await ledger.SettleAsync();
        Assert.Equal((1L, 0), (ledger.Writer.Written, ledger.Writer.LagSeconds));
    }

    [Fact]
    public async Task Observer_ThatThrows_HurtsNobody_IsToldOnceAndCounted()
    {
        await using var ledger = new LedgerUnderTest();
        var other = new Counting();
        using var writer = new LedgerWriter(ledger.Folder, new TestOptions<LedgerOptions>(ledger.Options), [new Failing(), other], ledger.Clock, ledger.Log);
        await writer.StartAsync(Cancellation);
        for (int i = 0; i < 3; i++)
        {
            writer.Add(SampleRows.Hit(Start));
        }

        await writer.SettleAsync(Cancellation);
        Assert.Equal((3, 3), (writer.ObserverFaults, other.Rows));
        Assert.Equal(3, (await ledger.Reader.TotalsAsync(Everything, Cancellation)).Requests);
        (LogLevel level, string text) = Assert.Single(ledger.Log.Lines);
        Assert.Equal(LogLevel.Error, level);
        Assert.StartsWith("Failing failed on a row", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NothingToRecordFor_WantsNoRows()
    {
        await using var ledger = new LedgerUnderTest(new LedgerOptions { Enabled = false });
        Assert.False(ledger.Writer.IsWanted);
        using var watched = new LedgerWriter(ledger.Folder, new TestOptions<LedgerOptions>(ledger.Options), [new Counting()], ledger.Clock, ledger.Log);
        Assert.True(watched.IsWanted);
    }

    [Fact]
    public async Task DamagedFile_IsPutAsideAndBegunAnew()
    {
        await using var ledger = new LedgerUnderTest();
        Directory.CreateDirectory(ledger.Folder);
        await File.WriteAllTextAsync(ledger.FilePath, new string('x', 10_000), Cancellation);
        await AddAsync(ledger, seed: 2, rows: 100, TimeSpan.FromHours(1));

        await AssertSumsAsync(ledger);
        Assert.True(File.Exists(ledger.FilePath + ".damaged"));
        Assert.Equal(LogLevel.Warning, Assert.Single(ledger.Log.Lines).Level);
    }

    [Fact]
    public async Task FileOfAnEarlierLayout_IsPutAsideAndBegunAnew()
    {
        await using var ledger = new LedgerUnderTest();
        new SqliteLayout(1, "CREATE TABLE rows(id INTEGER PRIMARY KEY);").Open(ledger.FilePath).Dispose();

        await AddAsync(ledger, seed: 2, rows: 100, TimeSpan.FromHours(1));

        await AssertSumsAsync(ledger);
        Assert.True(File.Exists(ledger.FilePath + ".other-layout"));
        Assert.Equal(LogLevel.Warning, Assert.Single(ledger.Log.Lines).Level);
    }

    [Fact]
    public async Task File_ThatCannotBeUsed_KeepsTheSumsUntilItCan()
    {
        await using var ledger = new LedgerUnderTest();
        Directory.CreateDirectory(ledger.FilePath);
        await AddAsync(ledger, seed: 3, rows: 300, TimeSpan.FromHours(1));
        await AddAsync(ledger, seed: 4, rows: 300, TimeSpan.FromHours(1));
        Assert.True(ledger.Writer.IsFailing);

        Directory.Delete(ledger.FilePath);
        ledger.Clock.Advance(TimeSpan.FromSeconds(6));
        await AddAsync(ledger, seed: 5, rows: 300, TimeSpan.FromHours(1));

        await AssertSumsAsync(ledger);
        Assert.Equal(0, ledger.Writer.Lost);
        Assert.Equal([LogLevel.Warning, LogLevel.Information], ledger.Log.Levels);
    }

    [Fact]
    public async Task LockedFile_IsWrittenWhenTheLockIsGone()
    {
        await using var ledger = new LedgerUnderTest();
        await AddAsync(ledger, seed: 6, rows: 50, TimeSpan.FromHours(1));
        using (SqliteConnection other = SqliteFile.OpenForWriting(ledger.FilePath))
        {
            SqliteFile.Execute(other, "BEGIN IMMEDIATE");
            await AddAsync(ledger, seed: 7, rows: 50, TimeSpan.FromHours(1));
            Assert.True(ledger.Writer.IsFailing);
            SqliteFile.Execute(other, "ROLLBACK");
        }

        ledger.Clock.Advance(TimeSpan.FromSeconds(6));
        await AddAsync(ledger, seed: 8, rows: 50, TimeSpan.FromHours(1));

        await AssertSumsAsync(ledger);
    }

    [Fact]
    public async Task RemovedFile_IsMadeAnew()
    {
        await using var ledger = new LedgerUnderTest();
        ledger.Writer.Add(SampleRows.Hit(Start));
        await ledger.SettleAsync();
        SqliteFile.Delete(ledger.FilePath);
        ledger.Writer.Add(SampleRows.Hit(Start));
        await ledger.SettleAsync();

        Assert.Equal(1, (await ledger.Reader.TotalsAsync(Everything, Cancellation)).Requests);
    }

    [Fact]
    public async Task ClockSetBack_RowsGoToTheirOwnMinute()
    {
        await using var ledger = new LedgerUnderTest();
        foreach (int minutes in (int[])[10, 11, 3, 4, 12])
        {
            ledger.Add(SampleRows.Hit(Start.AddMinutes(minutes)));
            await ledger.SettleAsync();
        }

        IReadOnlyList<LedgerPoint> points = await ledger.Reader.SeriesAsync(new LedgerFilter(Start, Start.AddMinutes(15)), TimeSpan.FromMinutes(1), cancellationToken: Cancellation);
        Assert.Equal([3, 4, 10, 11, 12], points.Where(point => point.Totals.Requests == 1).Select(point => (point.Start - Start).Minutes));
        Assert.Equal(5, points.Sum(point => point.Totals.Requests));
    }

    [Fact]
    public async Task OldRows_AreTrimmedByClass_AndTheirSumsStay()
    {
        await using var ledger = new LedgerUnderTest(new LedgerOptions { RowsPerSecond = 1_000_000, RowDays = 1, MinuteDays = 2, HourDays = 5, DayDays = 3650, KeysPerDay = 10 });
        await AddAsync(ledger, seed: 9, rows: 3000, TimeSpan.FromDays(12));
        ledger.Clock.SetUtcNow(Start.AddDays(12));
        for (int i = 0; i < 20; i++)
        {
            ledger.Clock.Advance(TimeSpan.FromMinutes(1.1));
            await ledger.SettleAsync();
        }

        DateTimeOffset now = ledger.Clock.GetUtcNow();
        await AssertSumsAsync(ledger);
        List<LedgerRow> rows = await ledger.Reader.RowsAsync(Everything, cancellationToken: Cancellation).ToListAsync(Cancellation);
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.True(row.Time >= now.AddDays(-1)));
        // Ends in what is only kept by the day are widened to it; by the hour where hours are kept.
        TotalsAssert.Equal(
            await ledger.Naive.TotalsAsync(new LedgerFilter(Start.AddDays(2), Start.AddDays(5)), Cancellation),
            await ledger.Reader.TotalsAsync(new LedgerFilter(Start.AddDays(2).AddHours(7), Start.AddDays(4).AddHours(1)), Cancellation));
        TotalsAssert.Equal(
            await ledger.Naive.TotalsAsync(new LedgerFilter(Start.AddDays(8).AddHours(3), Start.AddDays(9).AddHours(5)), Cancellation),
            await ledger.Reader.TotalsAsync(new LedgerFilter(Start.AddDays(8).AddHours(3.3), Start.AddDays(9).AddHours(4.5)), Cancellation));
        IReadOnlyList<LedgerPoint> hours = await ledger.Reader.SeriesAsync(new LedgerFilter(Start, Start.AddDays(13)), TimeSpan.FromHours(1), cancellationToken: Cancellation);
        Assert.Equal((await ledger.Naive.TotalsAsync(Everything, Cancellation)).Paid.Nanodollars, hours.Sum(hour => hour.Totals.Paid.Nanodollars));
    }

    [Fact]
    public async Task KeysOfADayThatIsOver_KeepThoseThatMatter()
    {
        await using var ledger = new LedgerUnderTest(new LedgerOptions { RowsPerSecond = 1_000_000, KeysPerDay = 10 });
        for (int i = 0; i < 100; i++)
        {
            for (int hits = 0; hits <= i; hits++)
            {
                ledger.Add(SampleRows.Hit(Start.AddHours(1)) with { EntryId = $"{i:x32}" });
            }
        }

        await ledger.SettleAsync();
        ledger.Clock.SetUtcNow(Start.AddDays(1.5));
        for (int i = 0; i < 5; i++)
        {
            ledger.Clock.Advance(TimeSpan.FromMinutes(1.1));
            await ledger.SettleAsync();
        }

        LedgerFilter day = new(Start, Start.AddDays(1));
        IReadOnlyList<LedgerGroup> groups = await ledger.Reader.GroupsAsync(day, LedgerDimension.Entry, limit: 1000, cancellationToken: Cancellation);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => ($"{99 - i:x32}", 100L - i)), groups.Select(group => (group.Key, group.Totals.Requests)));
        using SqliteConnection file = SqliteFile.OpenForReading(ledger.FilePath);
        Assert.Equal(5050L, SqliteFile.Scalar(file, "SELECT SUM(requests) FROM keys WHERE kind = 1"));
        Assert.Equal(11L, SqliteFile.Scalar(file, "SELECT COUNT(*) FROM keys WHERE kind = 1"));
    }

    [Fact]
    public async Task NamesThatClientsMakeUp_AreBounded()
    {
        await using var ledger = new LedgerUnderTest();
        for (int i = 0; i < 12_000; i++)
        {
            ledger.Add(SampleRows.Hit(Start) with { Model = $"made-up-{i}" });
            if (i % 4000 == 0)
            {
                await ledger.SettleAsync();
            }
        }

        await ledger.SettleAsync();
        Assert.Equal(12_000, (await ledger.Reader.TotalsAsync(Everything, Cancellation)).Requests);
        using SqliteConnection file = SqliteFile.OpenForReading(ledger.FilePath);
        Assert.InRange((long)SqliteFile.Scalar(file, "SELECT COUNT(*) FROM cells")!, 19_000, 20_010);
    }

    private static async Task AddAsync(LedgerUnderTest ledger, int seed, int rows, TimeSpan range)
    {
        var samples = new SampleRows(seed);
        for (int i = 0; i < rows; i++)
        {
            ledger.Add(samples.Next(Start, range));
        }

        await ledger.SettleAsync();
    }

    private static async Task AssertSumsAsync(LedgerUnderTest ledger)
        => TotalsAssert.Equal(await ledger.Naive.TotalsAsync(Everything, Cancellation), await ledger.Reader.TotalsAsync(Everything, Cancellation));

    private static LedgerTotals Sum(IEnumerable<LedgerRow> rows)
    {
        var totals = new LedgerTotals();
        foreach (LedgerRow row in rows)
        {
            totals.Add(row);
        }

        return totals;
    }

    private sealed class Failing : ILedgerObserver
    {
        public void OnAdded(in LedgerRow row) => throw new InvalidOperationException("no");
    }

    private sealed class Counting : ILedgerObserver
    {
        public int Rows { get; private set; }

        public void OnAdded(in LedgerRow row) => Rows++;
    }
}
