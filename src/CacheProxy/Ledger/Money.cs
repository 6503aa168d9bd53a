namespace CacheProxy.Ledger;

/// <summary>An amount in whole nanodollars (1e-9 USD). Rounded once, when it is made: sums of it are exact wherever they are formed.</summary>
public readonly record struct Money(long Nanodollars)
{
    private const decimal NanodollarsPerUsd = 1_000_000_000m;

    public static Money Zero => default;

    /// <exception cref="OverflowException">The sum is beyond nine thousand million dollars.</exception>
    public static Money operator +(Money left, Money right) => new(checked(left.Nanodollars + right.Nanodollars));

    public static Money operator -(Money left, Money right) => new(checked(left.Nanodollars - right.Nanodollars));

    public decimal ToUsd() => Nanodollars / NanodollarsPerUsd;
}
