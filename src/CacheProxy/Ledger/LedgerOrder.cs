namespace CacheProxy.Ledger;

/// <summary>Which groups come first; always the largest.</summary>
public enum LedgerOrder
{
    Requests,
    Paid,
    Avoided,
    Net,
    SecondsSaved,
    SavedTokens,
}
