using CacheProxy.Exchange.Answers;

namespace CacheProxy.Ledger;

/// <summary>Tokens by class, added up. What was not reported adds nothing.</summary>
/// <param name="Prompt">All of the prompt, cached or not.</param>
/// <param name="Completion">Reasoning included.</param>
/// <param name="CachedRead">Of the prompt: read from the provider's cache.</param>
/// <param name="CacheWrite">Of the prompt: written to it.</param>
/// <param name="CacheWriteHour">Of the writes: those kept for an hour.</param>
/// <param name="Reasoning">Of the completion.</param>
public readonly record struct TokenSums(long Prompt, long Completion, long CachedRead, long CacheWrite, long CacheWriteHour, long Reasoning)
{
    internal const int Classes = 6;

    public long Total => Prompt + Completion;

    public static TokenSums Of(in TokenCounts counts) => new(
        Math.Max(0, counts.Prompt), Math.Max(0, counts.Completion), Math.Max(0, counts.CachedRead),
        Math.Max(0, counts.CacheWrite), Math.Max(0, counts.CacheWriteHour), Math.Max(0, counts.Reasoning));

    public static TokenSums operator +(in TokenSums left, in TokenSums right) => new(
        left.Prompt + right.Prompt, left.Completion + right.Completion, left.CachedRead + right.CachedRead,
        left.CacheWrite + right.CacheWrite, left.CacheWriteHour + right.CacheWriteHour, left.Reasoning + right.Reasoning);

    internal static TokenSums Read(ReadOnlySpan<long> sums) => new(sums[0], sums[1], sums[2], sums[3], sums[4], sums[5]);

    internal void AddTo(LedgerTotals totals, int first)
    {
        totals.Add(first, Prompt);
        totals.Add(first + 1, Completion);
        totals.Add(first + 2, CachedRead);
        totals.Add(first + 3, CacheWrite);
        totals.Add(first + 4, CacheWriteHour);
        totals.Add(first + 5, Reasoning);
    }
}
