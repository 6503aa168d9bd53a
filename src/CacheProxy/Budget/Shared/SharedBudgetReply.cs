namespace CacheProxy.Budget.Shared;

/// <param name="HasForgotten">A share that was told before is not there: nothing was done, see <see cref="ISharedBudgetStore.MergeAsync"/>.</param>
/// <param name="Totals">All proxies' together, after the call, in the order of its windows.</param>
/// <param name="Refusals">For each claim: null, it was taken; else the window that it does not fit into, and in what.</param>
public sealed record SharedBudgetReply(bool HasForgotten, IReadOnlyList<BudgetAmount> Totals, IReadOnlyList<(int Window, BudgetUnit Unit)?> Refusals)
{
    public static SharedBudgetReply Forgotten { get; } = new(true, [], []);
}
