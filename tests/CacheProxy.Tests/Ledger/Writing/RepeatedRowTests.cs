using CacheProxy.Exchange.Answers;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Writing;
using CacheProxy.Tests.SemanticCache;
using CacheProxy.Tests.Stores;
using CacheProxy.Tests.Stores.Sqlite;

namespace CacheProxy.Tests.Ledger.Writing;

/// <summary>Rows that repeat come to the same sums as the rows that they stand for, down to the microsecond and the bucket of each time.</summary>
public class RepeatedRowTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly LedgerFilter Everything = new(Start.AddYears(-1), Start.AddYears(1));
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(40)]
    [InlineData(0)]
    public async Task Rows_ThatRepeat_SumUpAsIfTheyCameOneByOne(int rowsPerSecond)
    {
        await using var ledger = new LedgerUnderTest(new LedgerOptions { RowsPerSecond = rowsPerSecond });
        Add(ledger, seed: 1, 3000);
        await ledger.SettleAsync();
        Add(ledger, seed: 2, 3000);
        await ledger.SettleAsync();

        TotalsAssert.Equal(await ledger.Naive.TotalsAsync(Everything, Cancellation), await ledger.Reader.TotalsAsync(Everything, Cancellation));
        List<LedgerRow> rows = await ledger.Reader.RowsAsync(Everything, cancellationToken: Cancellation).ToListAsync(Cancellation);
        Assert.Equal(6000, rows.Sum(row => row.Requests));
        Assert.Equal(Math.Max(0, 6000 - rowsPerSecond), ledger.Writer.Merged);
        foreach (LedgerDimension dimension in (LedgerDimension[])[LedgerDimension.User, LedgerDimension.Entry, LedgerDimension.Prefix, LedgerDimension.Model])
        {
            Assert.Equal(Sums(await ledger.Naive.GroupsAsync(Everything, dimension, cancellationToken: Cancellation)), Sums(await ledger.Reader.GroupsAsync(Everything, dimension, cancellationToken: Cancellation)));
        }
    }

    [Fact]
    public async Task FullQueue_LosesNoneThatRepeat()
    {
        await using var ledger = new LedgerUnderTest();
        using var writer = new LedgerWriter(ledger.Folder, new TestOptions<LedgerOptions>(ledger.Options), [], ledger.Clock, ledger.Log);
        var row = new RepeatedRow(SampleRows.Hit(Start));
        for (int i = 0; i < 20_000; i++)
        {
            writer.Add(row, Start, 0.001, 0.002);
        }

        await writer.StartAsync(Cancellation);
        await writer.SettleAsync(Cancellation);
        LedgerTotals totals = await ledger.Reader.TotalsAsync(Everything, Cancellation);
        Assert.Equal((20_000, 20_000 * 4_500_000L, 20_000), (totals.Requests, totals.Avoided.Nanodollars, totals.HitLatency.Total.Count));
        await writer.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Observers_SeeEachAtOnceOrTheirSumOnDrain_EvenWithoutALedger()
    {
        await using var ledger = new LedgerUnderTest();
        var (live, late) = (new Summing(isLive: true), new Summing(isLive: false));
        using var writer = new LedgerWriter(ledger.Folder, new TestOptions<LedgerOptions>(new LedgerOptions { Enabled = false }), [live, late], ledger.Clock, ledger.Log);
        var row = new RepeatedRow(SampleRows.Hit(Start));
        for (int i = 0; i < 100; i++)
        {
            writer.Add(row, Start.AddSeconds(i % 60), 0.001, 0.002);
        }

        writer.Add(SampleRows.Hit(Start));
        Assert.Equal((101, 101, 0), (live.Rows, live.Requests, late.Rows));
        writer.Drain();
        Assert.Equal((2, 101, live.Avoided), (late.Rows, late.Requests, late.Avoided));
        writer.Drain();
        Assert.Equal(101, late.Requests);
        Assert.Equal((0, false), (writer.Queued, File.Exists(ledger.FilePath)));
    }

    [Fact]
    public void Row_ThatRepeats_AllocatesNothing()
    {
        using var folder = new TempFolder();
        using var writer = new LedgerWriter(
            folder.FolderPath, new TestOptions<LedgerOptions>(new LedgerOptions()), [new Summing(isLive: false)], TimeProvider.System, new RecordedLog<LedgerWriter>());
        var row = new RepeatedRow(SampleRows.Hit(Start));
        writer.Add(row, Start, 0.001, 0.002);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            writer.Add(row, Start, 0.001, 0.002);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // A few kinds of hits, in the same minute each, between rows of all kinds.
    private static void Add(LedgerUnderTest ledger, int seed, int count)
    {
        var random = new Random(seed);
        var samples = new SampleRows(seed);
        RepeatedRow[] hits = [.. Enumerable.Range(0, 12).Select(i => new RepeatedRow(SampleRows.Hit(Start.AddMinutes(i % 4)) with
        {
            EntryId = $"{i:x32}",
            User = i % 3 == 0 ? $"{i:x16}" : null,
            PrefixId = i % 2 == 0 ? $"{i % 5:x32}" : null,
            Avoided = i == 7 ? null : new Money(1000 + i),
            MissSeconds = i == 8 ? -1 : 0.123_456_7 + i,
            Saved = new TokenCounts(100 + i, i) { CachedRead = i % 2 == 0 ? i : -1 },
        }))];
        for (int i = 0; i < count; i++)
        {
            if (random.Next(10) == 0)
            {
                ledger.Add(samples.Next(Start, TimeSpan.FromMinutes(4)));
                continue;
            }

            RepeatedRow hit = hits[random.Next(hits.Length)];
            (DateTimeOffset time, double first, double total) = (hit.Row.Time.AddSeconds(random.Next(60)), random.NextDouble() / 1000, random.NextDouble() / 10);
            ledger.Writer.Add(hit, time, first, total);
            ledger.Naive.Add(hit.At(time, first, total));
        }
    }

    private static IEnumerable<(string, long, long, long, double)> Sums(IReadOnlyList<LedgerGroup> groups)
        => groups.Select(group => (group.Key, group.Totals.Requests, group.Totals.Avoided.Nanodollars, group.Totals.Saved.Total, group.Totals.SecondsSaved)).OrderBy(group => group.Key, StringComparer.Ordinal);

    private sealed class Summing(bool isLive) : ILedgerObserver
    {
        public bool IsLive => isLive;

        public int Rows { get; private set; }

        public int Requests { get; private set; }

        public Money Avoided { get; private set; }

        public void OnAdded(in LedgerRow row)
        {
            Rows++;
            Requests += row.Requests;
            Avoided += row.Avoided!.Value;
        }
    }
}
