using CacheProxy.Ledger;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Ledger.Writing;

/// <summary>However long the file cannot be used, no sum lacks anything when it can be: what gives way is how finely they are kept apart.</summary>
public class LongOutageTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly LedgerFilter Everything = new(Start.AddYears(-1), Start.AddYears(1));
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task BurstsMinutesApart_OfManyTenantsAndModels_AreAllInTheHoursSums()
    {
        await using var ledger = new LedgerUnderTest(new LedgerOptions { RowsPerSecond = 0 });
        Directory.CreateDirectory(ledger.FilePath);
        // 500 cells in each of 230 minutes, some of them an hour apart: 115,000 sums by the minute.
        for (int burst = 0; burst < 230; burst++)
        {
            for (int cell = 0; cell < 500; cell++)
            {
                ledger.Add(SampleRows.Hit(Start.AddMinutes(burst * 7)) with { Tenant = $"t{cell % 50}", Model = $"m{cell / 50}", EntryId = $"{cell:x32}" });
            }

            await ledger.SettleAsync();
        }

        await RepairAsync(ledger);

        LedgerTotals all = await ledger.Reader.TotalsAsync(Everything, Cancellation);
        TotalsAssert.Equal(await ledger.Naive.TotalsAsync(Everything, Cancellation), all);
        Assert.Equal((115_000, 0L), (all.Requests, ledger.Writer.Lost));
        LedgerFilter hours = new(Start.AddHours(5), Start.AddHours(9)) { Tenant = "t3", Model = "m2" };
        TotalsAssert.Equal(await ledger.Naive.TotalsAsync(hours, Cancellation), await ledger.Reader.TotalsAsync(hours, Cancellation));
        Assert.Equal(115_000, (await ledger.Reader.RowsAsync(Everything, cancellationToken: Cancellation).ToListAsync(Cancellation)).Sum(row => row.Requests));
    }

    [Fact]
    public async Task NamesBeyondAnyMeasure_GoTogether_AndTheirSumsStay()
    {
        await using var ledger = new LedgerUnderTest(new LedgerOptions { RowsPerSecond = 0 });
        Directory.CreateDirectory(ledger.FilePath);
        for (int i = 0; i < 45_000; i++)
        {
            ledger.Add(SampleRows.Hit(Start.AddMinutes(i % 3)) with { Model = $"made-up-{i}" });
            if (i % 5000 == 0)
            {
                await ledger.SettleAsync();
            }
        }

        await RepairAsync(ledger);
        TotalsAssert.Equal(await ledger.Naive.TotalsAsync(Everything, Cancellation), await ledger.Reader.TotalsAsync(Everything, Cancellation));
        Assert.Equal(45_000, (await ledger.Reader.RowsAsync(Everything, cancellationToken: Cancellation).ToListAsync(Cancellation)).Sum(row => row.Requests));
        Assert.Equal(0L, ledger.Writer.Lost);
    }

    [Fact]
    public async Task FileThatCannotBeUsedUntilTheEnd_LosesWhatIsTold()
    {
        await using var ledger = new LedgerUnderTest();
        Directory.CreateDirectory(ledger.FilePath);
        ILedger writer = ledger.Writer;
        for (int i = 0; i < 7; i++)
        {
            ledger.Add(SampleRows.Hit(Start));
        }

        await ledger.SettleAsync();
        Assert.Equal(0, writer.Lost);
        await ledger.StopAsync();

        Assert.Equal(7, writer.Lost);
        Assert.Equal([LogLevel.Warning, LogLevel.Error], ledger.Log.Levels);
        Assert.StartsWith("What 7 requests", ledger.Log.Lines[^1].Text, StringComparison.Ordinal);
    }

    private static async Task RepairAsync(LedgerUnderTest ledger)
    {
        Directory.Delete(ledger.FilePath);
        ledger.Clock.Advance(TimeSpan.FromSeconds(6));
        await ledger.SettleAsync();
        Assert.False(ledger.Writer.IsFailing);
    }
}
