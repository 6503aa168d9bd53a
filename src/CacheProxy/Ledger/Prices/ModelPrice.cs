using CacheProxy.Exchange.Answers;

namespace CacheProxy.Ledger.Prices;

/// <summary>What a model's tokens cost from a day on, in picodollars (1e-12 USD) a token: 1 USD per million tokens is 1,000,000. Immutable.</summary>
public sealed record ModelPrice
{
    /// <summary>The model as the price table or the setting calls it.</summary>
    public required string Model { get; init; }

    /// <summary>Who sells it: <c>openai</c>, <c>anthropic</c>, <c>azure</c> …</summary>
    public required string Provider { get; init; }

    public required long Input { get; init; }

    /// <summary>0 for embeddings, which have none.</summary>
    public required long Output { get; init; }

    /// <summary>Input read from the provider's cache; null: unknown.</summary>
    public long? CachedInput { get; init; }

    /// <summary>Input written to the provider's cache; null: charged as input, or not said.</summary>
    public long? CacheWrite { get; init; }

    /// <summary>Input written to be kept for an hour; null: unknown.</summary>
    public long? CacheWriteHour { get; init; }

    /// <summary>A web search that ran at the provider, in picodollars; null: unknown.</summary>
    public long? Search { get; init; }

    /// <summary>The day it counts from; null: always has.</summary>
    public DateOnly? From { get; init; }

    /// <summary>Where the figures come from.</summary>
    public required string Source { get; init; }

    /// <summary>What a call costs, all of it, whose prompt has more than <see cref="LongPromptAbove"/> tokens; null: the same.</summary>
    public ModelPrice? LongPrompt { get; init; }

    public long LongPromptAbove { get; init; } = long.MaxValue;

    /// <summary>At <see cref="ServiceTier.Flex"/>; null: unknown.</summary>
    public ModelPrice? Flex { get; init; }

    /// <summary>At <see cref="ServiceTier.Priority"/>; null: unknown.</summary>
    public ModelPrice? Priority { get; init; }

    /// <summary>At <see cref="ServiceTier.Batch"/>; null: unknown.</summary>
    public ModelPrice? Batch { get; init; }
}
