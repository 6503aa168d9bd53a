namespace CacheProxy.Budget;

/// <summary>How full the budgets are.</summary>
public interface IBudgetStates
{
    /// <summary>Every budget that this proxy has counted in or was set, in the order of the settings. Of budgets that each tenant, user or model has, those that came by here.</summary>
    IReadOnlyList<BudgetState> All { get; }
}
