namespace CacheProxy.Ledger;

/// <summary>
/// US dollars in whole nanodollars (1e-9 USD): rounded once, where a row is made, and only added since, so that every surface comes to the same
/// sum. Beyond ±9.2 billion dollars it stays at that.
/// </summary>
public readonly record struct Money(long Nanodollars) : IComparable<Money>
{
    private const decimal PerDollar = 1_000_000_000m;

    public static Money Zero => default;

    /// <summary>Rounded half away from zero, once.</summary>
    public static Money FromUsd(decimal usd) => usd switch
    {
        >= long.MaxValue / PerDollar => new Money(long.MaxValue),
        <= long.MinValue / PerDollar => new Money(long.MinValue),
        _ => new Money((long)Math.Round(usd * PerDollar, MidpointRounding.AwayFromZero)),
    };

    public decimal ToUsd() => Nanodollars / PerDollar;

    public int CompareTo(Money other) => Nanodollars.CompareTo(other.Nanodollars);

    public static Money operator +(Money left, Money right)
    {
        long sum = unchecked(left.Nanodollars + right.Nanodollars);
        bool overflows = ((left.Nanodollars ^ sum) & (right.Nanodollars ^ sum)) < 0;
        return new Money(overflows ? (left.Nanodollars < 0 ? long.MinValue : long.MaxValue) : sum);
    }

    public static Money operator -(Money left, Money right) => left + -right;

    public static Money operator -(Money money) => new(money.Nanodollars == long.MinValue ? long.MaxValue : -money.Nanodollars);

    public static bool operator <(Money left, Money right) => left.Nanodollars < right.Nanodollars;

    public static bool operator >(Money left, Money right) => left.Nanodollars > right.Nanodollars;

    public static bool operator <=(Money left, Money right) => left.Nanodollars <= right.Nanodollars;

    public static bool operator >=(Money left, Money right) => left.Nanodollars >= right.Nanodollars;

    public override string ToString() => ToUsd().ToString("0.000000000", System.Globalization.CultureInfo.InvariantCulture);
}
