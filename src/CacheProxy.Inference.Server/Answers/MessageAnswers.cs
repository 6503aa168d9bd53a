using CacheProxy.Inference.Generation;
using CacheProxy.Protocol.Anthropic;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>An answer in the words of Anthropic's API.</summary>
internal static class MessageAnswers
{
    public static MessageBlock ToBlock(AnswerBlock block)
        => block.IsCall ? new MessageToolUse(block.CallId, block.Name, block.Content) : new MessageText(block.Content);

    public static MessageUsage ToUsage(GenerationUsage usage) => MessageUsage.Of(usage.PromptTokens, usage.CachedTokens, usage.CompletionTokens);

    /// <param name="maxTokens">Those asked for: fewer were generated where the context had no room for them.</param>
    public static MessageEnd ToEnd(GenerationEvent.Finished end, bool hasCalls, int? maxTokens)
    {
        string reason = end switch
        {
            { Reason: FinishReason.Length } => end.Usage.CompletionTokens < maxTokens ? "model_context_window_exceeded" : "max_tokens",
            _ when hasCalls => "tool_use",
            { StopText: not null } => "stop_sequence",
            _ => "end_turn",
        };
        return new MessageEnd(reason, reason == "stop_sequence" ? end.StopText : null, ToUsage(end.Usage));
    }
}
