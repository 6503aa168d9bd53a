namespace CacheProxy.Budget;

/// <summary>The budget that a request does not fit into, and in what.</summary>
internal sealed record BudgetRefusal(AccountWindow Window, BudgetUnit Unit);
