using CacheProxy.Ledger;

namespace CacheProxy.Tests.Ledger.Agreement;

/// <summary>A row as the program gets it, and the same as the truth keeps it: worked out apart from the program's own arithmetic.</summary>
/// <param name="Paid">Nanodollars; null: nobody knows.</param>
/// <param name="Avoided">Nanodollars; null: nobody knows.</param>
/// <param name="IsPart">There is more to pay than the tokens.</param>
internal readonly record struct SyntheticRequest(LedgerRow Row, decimal? Paid, decimal? Avoided, bool IsPart);
