namespace CacheProxy.Budget.Shared;

/// <param name="Key">The same for all proxies.</param>
/// <param name="Lifetime">How long it is kept from now on.</param>
/// <param name="Own">This proxy's share.</param>
/// <param name="IsKept">It was told before: where it is missing, the store has forgotten everything.</param>
/// <param name="Limits">What claims must fit into.</param>
public sealed record SharedBudgetWindow(string Key, TimeSpan Lifetime, BudgetAmount Own, bool IsKept, BudgetLimits Limits);
