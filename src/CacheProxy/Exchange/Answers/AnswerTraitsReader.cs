namespace CacheProxy.Exchange.Answers;

internal static class AnswerTraitsReader
{
    public static AnswerTraits Of(IReadOnlyList<AnswerEvent> events)
    {
        AnswerTraits traits = AnswerTraits.None;
        for (int i = 0; i < events.Count; i++)
        {
            traits |= events[i] switch
            {
                AnswerEvent.ToolCallDelta => AnswerTraits.ToolCalls,
                AnswerEvent.Finish finish when IsTruncated(finish.Reason) => AnswerTraits.Truncated,
                _ => AnswerTraits.None,
            };
        }

        return traits;
    }

    // OpenAI's word, and those of Anthropic and of the Responses API where a reader keeps them.
    private static bool IsTruncated(string reason) => reason is "length" or "max_tokens" or "max_output_tokens" or "model_context_window_exceeded";
}
