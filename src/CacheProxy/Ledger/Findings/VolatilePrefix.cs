namespace CacheProxy.Ledger.Findings;

/// <summary>
/// Prompts that go on alike after something that differs each time, so that neither the provider's cache nor the backend's can use the part behind it again. Sums;
/// an estimate where prompts came faster than they were compared.
/// </summary>
public sealed record VolatilePrefix
{
    public required FindingScope Scope { get; init; }

    public required VolatileClass Class { get; init; }

    /// <summary>Of what stands in front of the differing text, so that two places of one kind are two findings; 0 where snippets are not kept.</summary>
    public required long Place { get; init; }

    /// <summary>Prompts that differed there from an earlier one.</summary>
    public required long Prompts { get; init; }

    /// <summary>Prompt tokens behind it that were computed again.</summary>
    public required long Tokens { get; init; }

    /// <summary>What they cost more than cached ones would have, in nanodollars.</summary>
    public required long Nanodollars { get; init; }

    /// <summary>Of <see cref="Prompts"/>: those of models whose price, or that of cached tokens, is unknown.</summary>
    public required long Unpriced { get; init; }

    /// <summary>Of the time to the first byte, the share of those tokens, where the answer was streamed.</summary>
    public required double Seconds { get; init; }

    /// <summary>A late example; null: not kept, or purged.</summary>
    public Snippet? Example { get; init; }

    /// <summary>The sums of both; the rest is the left one's.</summary>
    public static VolatilePrefix operator +(VolatilePrefix left, VolatilePrefix right) => left with
    {
        Prompts = left.Prompts + right.Prompts,
        Tokens = left.Tokens + right.Tokens,
        Nanodollars = left.Nanodollars + right.Nanodollars,
        Unpriced = left.Unpriced + right.Unpriced,
        Seconds = left.Seconds + right.Seconds,
        Example = left.Example ?? right.Example,
    };
}
