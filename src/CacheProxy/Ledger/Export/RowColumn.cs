namespace CacheProxy.Ledger.Export;

/// <param name="Name">In the first line, or as the name of the member.</param>
/// <param name="Value">A text, a time, a whole number, a decimal, a double or a truth value; null: unknown, or the row has none.</param>
public sealed record RowColumn(string Name, Func<LedgerRow, object?> Value);
