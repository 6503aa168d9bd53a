using CacheProxy.Exchange;
using CacheProxy.Ledger;

namespace CacheProxy.Tests.Ledger.Reading;

/// <summary>Whatever is asked of the file is what going through all rows gives.</summary>
public class LedgerReaderTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 20, 7, 13, 0, TimeSpan.Zero);
    private static readonly TimeSpan Range = TimeSpan.FromDays(12);
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Sums_OfRandomRowsOverRestarts_AreThoseOfTheRows(int seed)
    {
        await using var ledger = new LedgerUnderTest();
        await FillAsync(ledger, seed, rows: 2000);
        var random = new Random(seed);
        for (int i = 0; i < 40; i++)
        {
            LedgerFilter filter = Filter(random);
            TotalsAssert.Equal(await ledger.Naive.TotalsAsync(filter, Cancellation), await ledger.Reader.TotalsAsync(filter, Cancellation));
        }
    }

    [Theory]
    [InlineData(4, 1.0 / 24, null)]
    [InlineData(5, 1.0, null)]
    [InlineData(6, 1.0, "Asia/Kolkata")]
    [InlineData(7, 1.0, "Europe/Berlin")]
    [InlineData(8, 7.0, "America/New_York")]
    [InlineData(9, 5.0 / 24 / 60 * 7, null)]
    public async Task Series_OfRandomRows_AreThoseOfTheRows(int seed, double days, string? zone)
    {
        await using var ledger = new LedgerUnderTest();
        await FillAsync(ledger, seed, rows: 1000);
        var random = new Random(seed);
        TimeZoneInfo? at = zone is null ? null : TimeZoneInfo.FindSystemTimeZoneById(zone);
        foreach (LedgerDimension? by in (LedgerDimension?[])[null, LedgerDimension.Model, LedgerDimension.Tenant, LedgerDimension.Outcome])
        {
            LedgerFilter filter = Filter(random);
            IReadOnlyList<LedgerPoint> expected = await ledger.Naive.SeriesAsync(filter, TimeSpan.FromDays(days), by, at, Cancellation);
            IReadOnlyList<LedgerPoint> actual = await ledger.Reader.SeriesAsync(filter, TimeSpan.FromDays(days), by, at, Cancellation);
            expected = [.. expected.OrderBy(point => point.Start).ThenBy(point => point.Key, StringComparer.Ordinal)];
            Assert.Equal(expected.Select(point => (point.Start, point.Key)), actual.Select(point => (point.Start, point.Key)));
            Assert.All(expected.Zip(actual), pair => TotalsAssert.Equal(pair.First.Totals, pair.Second.Totals));
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(11)]
    public async Task Groups_OfRandomRows_AreThoseOfTheRows(int seed)
    {
        await using var ledger = new LedgerUnderTest();
        await FillAsync(ledger, seed, rows: 1500);
        var random = new Random(seed);
        foreach (LedgerDimension by in Enum.GetValues<LedgerDimension>())
        {
            LedgerFilter filter = Filter(random);
            LedgerOrder order = (LedgerOrder)random.Next(6);
            IReadOnlyList<LedgerGroup> expected = await ledger.Naive.GroupsAsync(filter, by, order, 5, Cancellation);
            IReadOnlyList<LedgerGroup> actual = await ledger.Reader.GroupsAsync(filter, by, order, 5, Cancellation);
            Assert.Equal(expected.Select(group => group.Key), actual.Select(group => group.Key));
            bool withTimes = by is not (LedgerDimension.User or LedgerDimension.Entry or LedgerDimension.Prefix);
            Assert.All(expected.Zip(actual), pair => TotalsAssert.Equal(pair.First.Totals, pair.Second.Totals, withTimes));
        }
    }

    [Fact]
    public async Task Rows_ReadBack_AreWhatWasAdded()
    {
        await using var ledger = new LedgerUnderTest();
        await FillAsync(ledger, seed: 12, rows: 2500);
        var filter = new LedgerFilter(Start, Start + Range);
        List<LedgerRow> expected = await ledger.Naive.RowsAsync(filter, cancellationToken: Cancellation).ToListAsync(Cancellation);
        List<LedgerRow> actual = await ledger.Reader.RowsAsync(filter, cancellationToken: Cancellation).ToListAsync(Cancellation);

        Assert.Equal(expected, actual);
        List<LedgerRow> newest = await ledger.Reader.RowsAsync(filter with { Tenant = "tenant1" }, newestFirst: true, limit: 7, cancellationToken: Cancellation).ToListAsync(Cancellation);
        Assert.Equal(expected.Where(row => row.Tenant == "tenant1").Reverse().Take(7), newest);
    }

    [Fact]
    public async Task Groups_OfABusyFirstDay_CountItWholeAndSaySo()
    {
        await using var ledger = new LedgerUnderTest();
        DateTimeOffset midnight = new(2026, 3, 20, 0, 0, 0, TimeSpan.Zero);
        for (int i = 0; i < 24_000; i++)
        {
            ledger.Add(SampleRows.Hit(midnight.AddSeconds(3 * i)));
            if (i % 8000 == 7999)
            {
                await ledger.SettleAsync();
            }
        }

        ledger.Add(SampleRows.Hit(midnight.AddDays(2).AddHours(1)));
        await ledger.SettleAsync();

        // 1,200 rows of the first day are left out, and their day comes back whole; the last day is cut where it was asked to be.
        LedgerGroups busy = await GroupsAsync(new LedgerFilter(midnight.AddHours(1), midnight.AddDays(2).AddHours(2)));
        Assert.Equal((24_001L, midnight, midnight.AddDays(2).AddHours(2)), (busy[0].Totals.Requests, busy.From, busy.To));
        LedgerGroups quiet = await GroupsAsync(new LedgerFilter(midnight.AddHours(12), midnight.AddDays(2).AddHours(2)));
        Assert.Equal((9_601L, midnight.AddHours(12)), (quiet[0].Totals.Requests, quiet.From));

        async Task<LedgerGroups> GroupsAsync(LedgerFilter filter)
            => Assert.IsType<LedgerGroups>(await ledger.Reader.GroupsAsync(filter, LedgerDimension.Entry, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Entry_ThatHasAnsweredNobody_IsNoGroup()
    {
        await using var ledger = new LedgerUnderTest();
        LedgerRow hit = SampleRows.Hit(Start.AddHours(1));
        LedgerRow miss = hit with { Outcome = CacheOutcome.Miss, Avoided = Money.Zero, Saved = default };
        ledger.Add(miss with { EntryId = "00000000000000000000000000000001" });
        ledger.Add(miss);
        ledger.Add(hit);
        ledger.Add(hit);
        ledger.Add(miss with { Work = LedgerWork.Refresh, EntryId = "00000000000000000000000000000002" });
        await ledger.SettleAsync();
        var filter = new LedgerFilter(Start, Start.AddDays(1));

        IReadOnlyList<LedgerGroup> groups = await ledger.Reader.GroupsAsync(filter, LedgerDimension.Entry, cancellationToken: Cancellation);
        Assert.Equal([(hit.EntryId!, 2L, 0L), ("00000000000000000000000000000002", 0L, 1L)], groups.Select(group => (group.Key, group.Totals.Requests, group.Totals.BackgroundCalls)));
        Assert.Equal(5, await ledger.Reader.RowsAsync(filter, cancellationToken: Cancellation).CountAsync(row => row.EntryId is not null, Cancellation));
    }

    [Fact]
    public async Task File_ThatIsNotThere_HoldsNothing()
    {
        await using var ledger = new LedgerUnderTest();
        var filter = new LedgerFilter(Start, Start.AddHours(3));

        Assert.Equal(0, (await ledger.Reader.TotalsAsync(filter, Cancellation)).Requests);
        Assert.Equal(4, (await ledger.Reader.SeriesAsync(filter, TimeSpan.FromHours(1), cancellationToken: Cancellation)).Count);
        Assert.Empty(await ledger.Reader.GroupsAsync(filter, LedgerDimension.Entry, cancellationToken: Cancellation));
        Assert.Empty(await ledger.Reader.RowsAsync(filter, cancellationToken: Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Days_OfAZoneWhoseClocksChange_Have23And25Hours()
    {
        await using var ledger = new LedgerUnderTest();
        TimeZoneInfo berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        // Clocks go forward on 29 March 2026 and back on 25 October.
        foreach ((DateTimeOffset from, int hours) in new[] { (new DateTimeOffset(2026, 3, 28, 23, 0, 0, TimeSpan.Zero), 23), (new DateTimeOffset(2026, 10, 24, 22, 0, 0, TimeSpan.Zero), 25) })
        {
            for (int i = -2; i < 27; i++)
            {
                ledger.Add(SampleRows.Hit(from.AddHours(i)));
            }

            await ledger.SettleAsync();
            IReadOnlyList<LedgerPoint> days = await ledger.Reader.SeriesAsync(new LedgerFilter(from, from.AddHours(hours)), TimeSpan.FromDays(1), zone: berlin, cancellationToken: Cancellation);
            LedgerPoint day = Assert.Single(days);
            Assert.Equal((from, hours), (day.Start, (int)day.Totals.Requests));
        }
    }

    private static async Task FillAsync(LedgerUnderTest ledger, int seed, int rows)
    {
        var samples = new SampleRows(seed);
        for (int i = 1; i <= rows; i++)
        {
            ledger.Add(samples.Next(Start, Range));
            if (i % 500 == 0)
            {
                await (i % 1000 == 0 ? ledger.RestartAsync() : ledger.SettleAsync());
            }
        }

        await ledger.SettleAsync();
    }

    private static LedgerFilter Filter(Random random)
    {
        DateTimeOffset from = Edge(random), to = Edge(random);
        return new LedgerFilter(from < to ? from : to, from < to ? to : from)
        {
            Tenant = random.Next(3) == 0 ? "tenant1" : null,
            Model = random.Next(4) == 0 ? "m2" : null,
            Upstream = random.Next(5) == 0 ? "" : null,
            Route = random.Next(6) == 0 ? "route" : null,
            Outcome = random.Next(6) == 0 ? CacheOutcome.Exact : null,
            Work = random.Next(4) == 0 ? LedgerWork.Client : null,
        };
    }

    // Sometimes on a day's, hour's or minute's edge.
    private static DateTimeOffset Edge(Random random)
    {
        DateTimeOffset time = Start + (Range * random.NextDouble());
        long unit = random.Next(4) switch { 0 => TimeSpan.TicksPerDay, 1 => TimeSpan.TicksPerHour, 2 => TimeSpan.TicksPerMinute, _ => 1 };
        return new DateTimeOffset(time.Ticks - (time.Ticks % unit), TimeSpan.Zero);
    }
}
