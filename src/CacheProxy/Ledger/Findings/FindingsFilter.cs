namespace CacheProxy.Ledger.Findings;

/// <param name="From">First UTC day.</param>
/// <param name="To">Last UTC day.</param>
/// <param name="Tenant">Null: all.</param>
/// <param name="Limit">Rows of each list.</param>
public readonly record struct FindingsFilter(DateOnly From, DateOnly To, string? Tenant = null, string? Model = null, int Limit = 100);
