namespace CacheProxy.Exchange.Answers;

/// <summary>What an answer's usage says. -1: not reported.</summary>
/// <param name="Prompt">All of the prompt, cached or not.</param>
/// <param name="Completion">Reasoning included.</param>
public readonly record struct TokenCounts(long Prompt, long Completion)
{
    public static TokenCounts Unknown => new(-1, -1);

    /// <summary>Of the last usage among the events.</summary>
    public static TokenCounts Of(IReadOnlyList<AnswerEvent> events)
    {
        for (int i = events.Count - 1; i >= 0; i--)
        {
            if (events[i] is AnswerEvent.Usage usage)
            {
                return new TokenCounts(usage.PromptTokens, usage.CompletionTokens);
            }
        }

        return Unknown;
    }
}
