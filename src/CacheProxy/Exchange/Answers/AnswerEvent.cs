namespace CacheProxy.Exchange.Answers;

/// <summary>One step of an answer, dialect-free. <c>Choice</c> is the index of the alternative it belongs to.</summary>
public abstract record AnswerEvent
{
    private AnswerEvent() { }

    public sealed record TextDelta(int Choice, string Text) : AnswerEvent;

    public sealed record ReasoningDelta(int Choice, string Text) : AnswerEvent;

    public sealed record RefusalDelta(int Choice, string Text) : AnswerEvent;

    /// <param name="Index">Position of the call within the message.</param>
    /// <param name="CallId">Present on the call's first delta.</param>
    /// <param name="Name">Present on the call's first delta.</param>
    /// <param name="Arguments">The next piece of the arguments' JSON text.</param>
    public sealed record ToolCallDelta(int Choice, int Index, string? CallId, string? Name, string Arguments) : AnswerEvent;

    /// <param name="Json">The provider's annotation object, verbatim.</param>
    public sealed record Annotation(int Choice, string Json) : AnswerEvent;

    /// <param name="Json">The provider's logprobs object of this step, verbatim.</param>
    public sealed record LogProbs(int Choice, string Json) : AnswerEvent;

    /// <param name="Reason">The provider's word: stop, length, tool_calls, content_filter.</param>
    public sealed record Finish(int Choice, string Reason) : AnswerEvent;

    /// <param name="Json">The provider's usage object, verbatim.</param>
    /// <param name="PromptTokens">-1: not reported.</param>
    /// <param name="CompletionTokens">-1: not reported.</param>
    /// <param name="CachedTokens">Prompt tokens that the upstream read from its own cache; 0 when not reported.</param>
    public sealed record Usage(string Json, long PromptTokens, long CompletionTokens, long CachedTokens) : AnswerEvent;
}
