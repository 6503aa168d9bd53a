namespace CacheProxy.Exchange.Answers;

/// <summary>What a provider charges for beside text tokens. A price in tokens alone is then only a part of the cost. Kept in entries: a bit, once given out, stays.</summary>
[Flags]
public enum UsageExtras : byte
{
    None = 0,

    /// <summary>Tools that ran at the provider and are charged by the call or the session: searches that it did not count, file search, code execution.</summary>
    HostedTools = 1,

    /// <summary>Audio tokens, in or out.</summary>
    Audio = 2,

    /// <summary>Images that the model made.</summary>
    Images = 4,

    /// <summary>Searches at the provider that it counted, <see cref="TokenCounts.Searches"/> of them: with a price by the search they are no unknown part.</summary>
    Searches = 8,
}
