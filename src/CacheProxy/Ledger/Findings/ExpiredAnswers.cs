namespace CacheProxy.Ledger.Findings;

/// <summary>Requests that a stored answer would have answered, had its TTL not been over; and whether the new answer was another. Sums.</summary>
public sealed record ExpiredAnswers
{
    public required FindingScope Scope { get; init; }

    /// <summary>Of the entries that were too old, in seconds.</summary>
    public required int TtlSeconds { get; init; }

    /// <summary>They were no older than this, in seconds, and older than half of it; a power of two.</summary>
    public required long AgeSeconds { get; init; }

    public required long Same { get; init; }

    public required long Different { get; init; }

    /// <summary>What the new answers cost, where their text was the same.</summary>
    public required long Nanodollars { get; init; }

    /// <summary>Of <see cref="Same"/>: those whose price is unknown.</summary>
    public required long Unpriced { get; init; }

    /// <summary>What the new answers took, where their text was the same.</summary>
    public required double Seconds { get; init; }

    /// <summary>The sums of both; the rest is the left one's.</summary>
    public static ExpiredAnswers operator +(ExpiredAnswers left, ExpiredAnswers right) => left with
    {
        Same = left.Same + right.Same,
        Different = left.Different + right.Different,
        Nanodollars = left.Nanodollars + right.Nanodollars,
        Unpriced = left.Unpriced + right.Unpriced,
        Seconds = left.Seconds + right.Seconds,
    };
}
