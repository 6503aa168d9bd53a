namespace CacheProxy.Budget;

/// <summary>Numbers the words of this process about its shares: of two the higher one is the later.</summary>
internal sealed class BudgetVersions
{
    private long _last;

    public long Next() => Interlocked.Increment(ref _last);
}
