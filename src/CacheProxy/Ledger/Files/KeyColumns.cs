namespace CacheProxy.Ledger.Files;

/// <summary>The columns of the table <c>keys</c> that groups are ordered by.</summary>
internal static class KeyColumns
{
    /// <summary>In the order of the columns.</summary>
    public static readonly LedgerOrder[] Orders =
        [LedgerOrder.Requests, LedgerOrder.Paid, LedgerOrder.Avoided, LedgerOrder.Net, LedgerOrder.SecondsSaved, LedgerOrder.SavedTokens];

    public static string NameOf(LedgerOrder order) => order switch
    {
        LedgerOrder.Requests => "requests",
        LedgerOrder.Paid => "paid",
        LedgerOrder.Avoided => "avoided",
        LedgerOrder.Net => "net",
        LedgerOrder.SecondsSaved => "saved_us",
        LedgerOrder.SavedTokens => "saved_tokens",
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };
}
