using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Files;

namespace CacheProxy.Tests.Ledger.Files;

/// <summary>What is written is what is read, whatever the times were, and it stays small.</summary>
public class TotalsCodecTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(200)]
    public void Totals_OfRandomRows_ComeBack(int rows)
    {
        var samples = new SampleRows(rows);
        var totals = new LedgerTotals();
        for (int i = 0; i < rows; i++)
        {
            totals.Add(samples.Next(Start, TimeSpan.FromHours(1)));
        }

        var read = new LedgerTotals();
        TotalsCodec.AddTo(read, Written(totals));
        TotalsAssert.Equal(totals, read);
        // Reading again adds.
        TotalsCodec.AddTo(read, Written(totals));
        totals.Merge(totals);
        Assert.Equal(totals.Sums, read.Sums);
    }

    [Fact]
    public void TimesFarApart_TakeFewBytes()
    {
        var totals = new LedgerTotals();
        foreach (double seconds in (double[])[0.000_01, 10_000])
        {
            totals.Add(SampleRows.Hit(Start) with { FirstByteSeconds = seconds, TotalSeconds = seconds, MissSeconds = -1 });
        }

        // 218 buckets lie between the two times, in each of two sketches.
        Assert.InRange(Written(totals).Length, 20, 60);
        var read = new LedgerTotals();
        TotalsCodec.AddTo(read, Written(totals));
        TotalsAssert.Equal(totals, read);
        Assert.Equal(2, read.Of(CacheOutcome.Exact)!.Total.Count);
    }

    [Fact]
    public void BytesCutOff_AreRefused()
    {
        var totals = new LedgerTotals();
        totals.Add(SampleRows.Hit(Start));
        byte[] bytes = Written(totals);

        Assert.Throws<InvalidDataException>(() => TotalsCodec.AddTo(new LedgerTotals(), bytes.AsSpan(..^1)));
    }

    private static byte[] Written(LedgerTotals totals)
    {
        var writer = new PackedWriter();
        TotalsCodec.Write(totals, writer);
        return writer.Written.ToArray();
    }
}
