using CacheProxy.Ledger;

namespace CacheProxy.Dashboard.Api;

/// <summary>Tokens by class.</summary>
/// <param name="Prompt">All of the prompt, what was read from and written to a provider's cache too.</param>
/// <param name="Completion">Reasoning included.</param>
/// <param name="CacheWriteHour">Of the writes: those kept for an hour.</param>
/// <param name="Reasoning">Of the completion.</param>
public sealed record TokensView(long Prompt, long Completion, long CachedRead, long CacheWrite, long CacheWriteHour, long Reasoning)
{
    internal static TokensView From(in TokenSums sums)
        => new(sums.Prompt, sums.Completion, sums.CachedRead, sums.CacheWrite, sums.CacheWriteHour, sums.Reasoning);
}
