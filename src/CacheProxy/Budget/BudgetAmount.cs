namespace CacheProxy.Budget;

/// <summary>What is used, or set aside: calls of the upstream, tokens of prompts and answers, and money in 1e-9 US dollars.</summary>
public readonly record struct BudgetAmount(long Requests, long Tokens, long Nanodollars)
{
    public static BudgetAmount operator +(BudgetAmount left, BudgetAmount right)
        => new(left.Requests + right.Requests, left.Tokens + right.Tokens, left.Nanodollars + right.Nanodollars);

    public static BudgetAmount operator -(BudgetAmount left, BudgetAmount right)
        => new(left.Requests - right.Requests, left.Tokens - right.Tokens, left.Nanodollars - right.Nanodollars);

    public long Of(BudgetUnit unit) => unit switch
    {
        BudgetUnit.Requests => Requests,
        BudgetUnit.Tokens => Tokens,
        _ => Nanodollars,
    };
}
