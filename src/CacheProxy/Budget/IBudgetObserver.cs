namespace CacheProxy.Budget;

/// <summary>Hears, once a window and budget, that it is nearly or wholly used.</summary>
public interface IBudgetObserver
{
    /// <summary>Off the requests' threads.</summary>
    void OnLevel(BudgetState state);
}
