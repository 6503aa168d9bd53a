using CacheProxy.Exchange;
using CacheProxy.Ledger;

namespace CacheProxy.Tests.Ledger;

internal static class TotalsAssert
{
    /// <summary>Every sum and, where they are kept, every bucket of times.</summary>
    public static void Equal(LedgerTotals expected, LedgerTotals actual, bool withTimes = true, int secondsWithin = 0)
    {
        // Sums of times are rounded row by row.
        const int times = 21;
        Assert.InRange(actual.Sums[times] - expected.Sums[times], -secondsWithin, secondsWithin);
        Assert.Equal([.. expected.Sums[..times], .. expected.Sums[(times + 2)..]], (long[])[.. actual.Sums[..times], .. actual.Sums[(times + 2)..]]);
        Assert.InRange(actual.Sums[times + 1] - expected.Sums[times + 1], -secondsWithin, secondsWithin);
        foreach (CacheOutcome outcome in Enum.GetValues<CacheOutcome>())
        {
            Assert.Equal(expected.RequestsOf(outcome), actual.RequestsOf(outcome));
            if (withTimes && expected.RequestsOf(outcome) > 0)
            {
                Equal(expected.Of(outcome)!.FirstByte, actual.Of(outcome)!.FirstByte);
                Equal(expected.Of(outcome)!.Total, actual.Of(outcome)!.Total);
            }
        }
    }

    private static void Equal(LatencySketch expected, LatencySketch actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (double share in (double[])[0.01, 0.5, 0.9, 0.95, 0.99])
        {
            Assert.Equal(expected.Quantile(share), actual.Quantile(share));
        }
    }
}
