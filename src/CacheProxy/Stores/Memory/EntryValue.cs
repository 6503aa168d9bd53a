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
        AnswerEvent.Usage? usage = null;
        IReadOnlyList<AnswerEvent> events = entry.Answer.Events;
        for (int i = events.Count - 1; i >= 0 && usage is null; i--)
        {
            usage = events[i] as AnswerEvent.Usage;
        }

        double prompt = Math.Max(0, usage?.PromptTokens ?? 0);
        double completion = usage is { CompletionTokens: >= 0 } ? usage.CompletionTokens : entry.Answer.Body.Bytes.Length / BytesPerToken;
        double value = entry.MissDurationSeconds + (prompt * SecondsPerPromptToken) + (completion * SecondsPerCompletionToken);
        return double.IsFinite(value) ? Math.Max(value, Least) : Least;
    }
}
