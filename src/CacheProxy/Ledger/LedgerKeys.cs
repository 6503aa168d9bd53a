using CacheProxy.Exchange;

namespace CacheProxy.Ledger;

/// <summary>What a row is filed under, and which group comes first.</summary>
internal static class LedgerKeys
{
    /// <summary>Null: the row has none of that kind.</summary>
    public static string? Of(in LedgerRow row, LedgerDimension dimension) => dimension switch
    {
        LedgerDimension.Tenant => row.Tenant,
        LedgerDimension.User => row.User,
        LedgerDimension.Model => row.Model,
        LedgerDimension.Upstream => row.Upstream ?? "",
        LedgerDimension.Route => row.Route ?? "",
        LedgerDimension.Namespace => row.Namespace,
        LedgerDimension.Dialect => row.Dialect.ToTag(),
        LedgerDimension.Outcome => row.Outcome.ToTag(),
        LedgerDimension.Entry => row.CountedEntryId,
        LedgerDimension.Prefix => row.PrefixId,
        LedgerDimension.Work => row.Work.ToTag(),
        _ => throw new ArgumentOutOfRangeException(nameof(dimension)),
    };

    public static double Rank(LedgerTotals totals, LedgerOrder order) => order switch
    {
        LedgerOrder.Requests => totals.Requests + totals.BackgroundCalls,
        LedgerOrder.Paid => totals.Paid.Nanodollars,
        LedgerOrder.Avoided => totals.Avoided.Nanodollars,
        LedgerOrder.Net => totals.Net.Nanodollars,
        LedgerOrder.SecondsSaved => totals.SecondsSaved * 1e6,
        LedgerOrder.SavedTokens => totals.Saved.Total,
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };
}
