using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Stores.Memory;

/// <summary>What one hit on an entry saves, in seconds: the wait for its answer, and its tokens at the price of a wait.</summary>
internal static class EntryValue
{
    // A thousand tokens read, or 250 written, weigh as much as a second's wait. Providers ask about four times as much for a token that is
    // written as for one that is read; only the ratio of entries' values matters, not their unit.
    private const double SecondsPerPromptToken = 0.001;
    private const double SecondsPerCompletionToken = 0.004;

    // English text; for streams that came without usage.
    private const double BytesPerToken = 4;

    // Nothing is worth nothing: an answer that came at once still saves a call.
    private const double Least = 0.01;

    public static double Of(CacheEntry entry)
    {
        TokenCounts tokens = entry.Answer.Tokens;
        double prompt = Math.Max(0, tokens.Prompt);
        double completion = tokens.Completion >= 0 ? tokens.Completion : entry.Answer.Body.Bytes.Length / BytesPerToken;
        double value = entry.MissDurationSeconds + (prompt * SecondsPerPromptToken) + (completion * SecondsPerCompletionToken);
        return double.IsFinite(value) ? Math.Max(value, Least) : Least;
    }
}
