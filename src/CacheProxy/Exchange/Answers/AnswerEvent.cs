namespace CacheProxy.Exchange.Answers;

/// <summary>
/// One step of an answer, dialect-free; the steps of a stream are put together, so that a text, a call or a thought is one step.
/// <c>Choice</c> is the index of the alternative it belongs to.
/// </summary>
public abstract record AnswerEvent
{
    private AnswerEvent() { }

    /// <summary>One block of text. Several in a row are several content blocks (Anthropic) or parts (Responses).</summary>
    public sealed record TextDelta(int Choice, string Text) : AnswerEvent;

    /// <summary>Reasoning in the open, without a signature: any client may have it.</summary>
    public sealed record ReasoningDelta(int Choice, string Text) : AnswerEvent;

    public sealed record RefusalDelta(int Choice, string Text) : AnswerEvent;

    /// <param name="Index">Position of the call within the message.</param>
    /// <param name="CallId">What the tool's result will name.</param>
    /// <param name="Arguments">JSON text of the arguments.</param>
    public sealed record ToolCallDelta(int Choice, int Index, string? CallId, string? Name, string Arguments) : AnswerEvent;

    /// <summary>Annotation or citation of the text in front of it.</summary>
    /// <param name="Json">The provider's object, verbatim.</param>
    public sealed record Annotation(int Choice, string Json) : AnswerEvent;

    /// <summary>Log probabilities of the text in front of them.</summary>
    /// <param name="Json">The provider's value, verbatim.</param>
    public sealed record LogProbs(int Choice, string Json) : AnswerEvent;

    /// <summary>
    /// What only the recorded dialect can say: a hosted tool's call or result, a signed or encrypted thought, a block of a kind that nobody
    /// here knows.
    /// </summary>
    /// <param name="Json">Verbatim: the item (Responses), the block (Anthropic), or an object of the message's further properties (chat).</param>
    /// <param name="IsSilent">No other dialect shows its clients anything of the kind: leaving it out there is exact.</param>
    public sealed record Item(int Choice, string Json, bool IsSilent) : AnswerEvent;

    /// <param name="Reason">OpenAI chat's word where it has one: stop, length, tool_calls, content_filter; else the provider's own.</param>
    /// <param name="Detail">The stop sequence that ended it, where the provider says which.</param>
    public sealed record Finish(int Choice, string Reason, string? Detail = null) : AnswerEvent;

    /// <param name="Json">The provider's usage object, verbatim.</param>
    /// <param name="PromptTokens">All of the prompt, cached or not; -1: not reported.</param>
    /// <param name="CompletionTokens">Reasoning included; -1: not reported.</param>
    /// <param name="CachedTokens">Prompt tokens that the upstream read from its own cache; 0 when not reported.</param>
    public sealed record Usage(string Json, long PromptTokens, long CompletionTokens, long CachedTokens) : AnswerEvent
    {
        /// <summary>Prompt tokens that the upstream wrote to its own cache; 0 when not reported.</summary>
        public long CacheWriteTokens { get; init; }

        /// <summary>Of <see cref="CacheWriteTokens"/>, those to be kept for an hour; 0 when not reported.</summary>
        public long CacheWriteHourTokens { get; init; }

        /// <summary>Of the completion; 0 when not reported.</summary>
        public long ReasoningTokens { get; init; }

        public UsageExtras Extras { get; init; }

        public ServiceTier Tier { get; init; }

        public int Searches { get; init; }

        public TokenCounts Counts => new(PromptTokens, CompletionTokens)
        {
            CachedRead = CachedTokens,
            CacheWrite = CacheWriteTokens,
            CacheWriteHour = CacheWriteHourTokens,
            Reasoning = ReasoningTokens,
            Extras = Extras,
            Tier = Tier,
            Searches = Searches,
        };
    }
}
