namespace CacheProxy.Ledger;

/// <param name="Key">Of the dimension that was asked for: a name, a tag, an id.</param>
public sealed record LedgerGroup(string Key, LedgerTotals Totals);
