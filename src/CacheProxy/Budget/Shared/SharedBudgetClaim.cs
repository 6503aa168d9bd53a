namespace CacheProxy.Budget.Shared;

/// <param name="Amount">The same in each of its windows.</param>
/// <param name="Windows">Places in the call's list.</param>
public sealed record SharedBudgetClaim(BudgetAmount Amount, int[] Windows);
