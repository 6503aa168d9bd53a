namespace CacheProxy.Exchange.Prompts;

/// <summary>What was expected of an upstream's prefix cache when a request was sent there.</summary>
/// <param name="Tokens">Of the prompt, to come out of the cache; 0: none. -1: nothing is known that it could be told from.</param>
public readonly record struct PrefixExpectation(long Tokens)
{
    public static PrefixExpectation None => new(-1);

    /// <summary><see cref="TimeProvider.GetTimestamp"/> of the last use of the beginning that it was told from; 0: none was known.</summary>
    public long LastUsed { get; init; }

    /// <summary>The model that was asked, by the upstream's own name.</summary>
    public string Model { get; init; } = "";

    /// <summary>The instructions were marked on the way, though the client marked nothing.</summary>
    public bool MarksHead { get; init; }

    public PrefixExpectation()
        : this(-1)
    {
    }
}
