using CacheProxy.Exchange.Answers;

namespace CacheProxy.Exchange.Readers;

/// <summary>What counts can be. Sums over millions of answers are kept: one absurd usage in them would be all that anybody sees.</summary>
public static class UsageLimits
{
    /// <summary>More than a thousand times the longest context that is sold.</summary>
    public const long MostTokens = 1_000_000_000;

    // Images, files by their ids, searches and hidden thoughts are tokens without bytes of their own: the longest contexts are sold with about two million.
    private const long MostBesideTheBytes = 2_000_000;
    private const long MostPerByte = 100;

    /// <summary>The parts fit into their wholes, where these are known.</summary>
    internal static bool AddUp(TokenCounts counts)
        => (counts.Prompt < 0 || Math.Max(0, counts.CachedRead) + Math.Max(0, counts.CacheWrite) <= counts.Prompt)
            && Math.Max(0, counts.CacheWriteHour) <= Math.Max(0, counts.CacheWrite)
            && (counts.Completion < 0 || counts.Reasoning <= counts.Completion)
            && counts.Prompt <= MostTokens && counts.Completion <= MostTokens;

    /// <summary>The counts, or unknown ones where so many tokens cannot have come from so many bytes.</summary>
    public static TokenCounts Believe(TokenCounts counts, long requestBytes, long answerBytes)
        => IsBelievable(counts.Prompt, requestBytes) && IsBelievable(counts.Completion, answerBytes) && AddUp(counts)
            ? counts
            : TokenCounts.Unknown with { Extras = counts.Extras, Tier = counts.Tier, Searches = counts.Searches };

    private static bool IsBelievable(long tokens, long bytes) => tokens <= Math.Max(MostBesideTheBytes, MostPerByte * bytes);
}
