namespace CacheProxy.Budget.Shared;

/// <summary>Where proxies keep together what is used of their budgets. Each proxy's share of a window is written by that proxy alone, so that nothing is counted twice, whatever is told again.</summary>
public interface ISharedBudgetStore
{
    /// <summary>
    /// Puts this proxy's shares in the place of those that it told before; then, at once for all others to see, takes each claim that fits into
    /// all of its windows and adds it to this proxy's shares.
    /// </summary>
    /// <returns>Null: it cannot be reached in time, and may have done it or not.</returns>
    ValueTask<SharedBudgetReply?> TellAsync(SharedBudgetCall call, CancellationToken cancellationToken);

    /// <summary>Adds the shares that are not there, or are there in an older word, and gives all.</summary>
    /// <returns>Null: it cannot be reached in time.</returns>
    ValueTask<IReadOnlyDictionary<string, BudgetShare>?> MergeAsync(SharedBudgetWindow window, IReadOnlyDictionary<string, BudgetShare> known, CancellationToken cancellationToken);
}
