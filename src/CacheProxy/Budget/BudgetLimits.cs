namespace CacheProxy.Budget;

/// <summary>The most of each unit in one window; -1: not limited. Money in 1e-9 US dollars.</summary>
public readonly record struct BudgetLimits(long Requests, long Tokens, long Nanodollars)
{
    public const long None = -1;

    public static BudgetLimits Unlimited => new(None, None, None);

    public static IReadOnlyList<BudgetUnit> Units { get; } = Enum.GetValues<BudgetUnit>();

    public static BudgetLimits Of(BudgetOptions options)
        => new(options.Requests ?? None, options.Tokens ?? None, options.Money is { } usd ? (long)Math.Round(usd * 1e9) : None);

    public long Of(BudgetUnit unit) => unit switch
    {
        BudgetUnit.Requests => Requests,
        BudgetUnit.Tokens => Tokens,
        _ => Nanodollars,
    };

    /// <summary>The first unit of which there is nothing left, or not as much as is asked for; null: it fits.</summary>
    public BudgetUnit? Exceeded(BudgetAmount used, BudgetAmount more)
        => IsOver(Requests, used.Requests, more.Requests) ? BudgetUnit.Requests
        : IsOver(Tokens, used.Tokens, more.Tokens) ? BudgetUnit.Tokens
        : IsOver(Nanodollars, used.Nanodollars, more.Nanodollars) ? BudgetUnit.Money
        : null;

    /// <summary>The unit of which the largest part is used, with that part; 0 where nothing is limited.</summary>
    public (BudgetUnit Unit, double Share) Fullest(BudgetAmount used)
    {
        (BudgetUnit Unit, double Share) fullest = (BudgetUnit.Requests, -1);
        foreach (BudgetUnit unit in Units)
        {
            if (Of(unit) is var limit and > 0 && used.Of(unit) / (double)limit is var share && share > fullest.Share)
            {
                fullest = (unit, share);
            }
        }

        return fullest with { Share = Math.Max(0, fullest.Share) };
    }

    private static bool IsOver(long limit, long used, long more) => limit >= 0 && (used >= limit || used + more > limit);
}
