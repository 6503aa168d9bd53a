namespace CacheProxy.Budget;

/// <param name="Used">With what is set aside for calls under way.</param>
/// <param name="Limit">Requests, tokens, or 1e-9 US dollars.</param>
public readonly record struct BudgetUse(long Used, long Limit)
{
    public double Share => Used / (double)Limit;
}
