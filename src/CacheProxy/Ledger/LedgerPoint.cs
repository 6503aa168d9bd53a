namespace CacheProxy.Ledger;

/// <param name="Start">UTC; the step's first instant.</param>
/// <param name="Key">Of the dimension that was asked for; null: all.</param>
public sealed record LedgerPoint(DateTimeOffset Start, string? Key, LedgerTotals Totals);
