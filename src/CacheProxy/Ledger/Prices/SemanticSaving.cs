namespace CacheProxy.Ledger.Prices;

/// <summary>
/// What semantic hits saved beside how often they were wrong: a saving by wrong answers is none. The share that audits and feedback measured, with its interval, is taken off
/// the money; without a measurement nothing is.
/// </summary>
/// <param name="Avoided">What the hits' answers would have cost.</param>
/// <param name="WrongShare">Of the hits, measured; null: nobody has looked.</param>
/// <param name="WrongAtMost">Upper end of the share's 95 % interval; null: nobody has looked.</param>
public readonly record struct SemanticSaving(Money Avoided, double? WrongShare, double? WrongAtMost)
{
    /// <summary>Of right answers, as measured; null: unknown.</summary>
    public Money? OfRightAnswers => WrongShare is { } share ? Part(1 - share) : null;

    /// <summary>The least of it that the measurement lets one say, with 97.5 % confidence; null: unknown.</summary>
    public Money? AtLeast => WrongAtMost is { } share ? Part(1 - share) : null;

    private Money Part(double share)
        => new((long)Math.Round(Avoided.Nanodollars * (decimal)Math.Clamp(double.IsNaN(share) ? 0 : share, 0, 1), MidpointRounding.AwayFromZero));
}
