namespace CacheProxy.Budget;

/// <summary>How full a budget is.</summary>
public enum BudgetLevel
{
    Ok,

    /// <summary>The part at which it warns is used.</summary>
    Soft,

    /// <summary>Nothing is left of one of its limits.</summary>
    Hard,
}
