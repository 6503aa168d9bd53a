namespace CacheProxy.Budget.Shared;

/// <summary>A request that waits to be let in, or, without an amount, for word of how much is used.</summary>
internal sealed class PendingClaim(AccountWindow[] windows, BudgetAmount? amount)
{
    private readonly TaskCompletionSource<BudgetRefusal?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public AccountWindow[] Windows => windows;

    public BudgetAmount? Amount => amount;

    public Task<BudgetRefusal?> Task => _done.Task;

    public void Complete(BudgetRefusal? refusal) => _done.TrySetResult(refusal);
}
