namespace CacheProxy.Budget;

/// <summary>What a budget limits. The snake_case name is the header's parameter and the metric's tag.</summary>
public enum BudgetUnit
{
    Requests,
    Tokens,
    Money,
}
