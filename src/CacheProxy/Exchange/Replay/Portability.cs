using System.Buffers;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Exchange.Replay;

/// <summary>
/// Whether another dialect than the recorded one can say the same: text, open reasoning, refusals, function calls, the end and the usage
/// have equivalents. Signed thoughts, citations, log probabilities and hosted tools have none: guessing one would be a wrong answer.
/// </summary>
internal static class Portability
{
    // What Anthropic takes as a tool's id.
    private static readonly SearchValues<char> IdCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    /// <param name="target">Not the recorded dialect.</param>
    public static bool CanSay(CanonicalAnswer answer, Dialect target)
    {
        if (!IsConversation(answer.Body.Dialect) || !IsConversation(target))
        {
            return false;
        }

        bool hasCalls = false;
        bool hasUsage = false;
        AnswerEvent? before = null;
        foreach (AnswerEvent item in answer.Events)
        {
            bool isSaid = item switch
            {
                AnswerEvent.TextDelta text => text.Choice == 0 && (target != Dialect.OpenAIChat || before is null or AnswerEvent.ReasoningDelta),
                AnswerEvent.ReasoningDelta reasoning => CanSay(reasoning, before, target),
                AnswerEvent.RefusalDelta refusal => refusal.Choice == 0 && target != Dialect.AnthropicMessages && before is null or AnswerEvent.ReasoningDelta,
                AnswerEvent.ToolCallDelta call => call.Choice == 0 && CanSay(call, target),
                AnswerEvent.Finish finish => finish.Choice == 0 && CanSay(finish, hasCalls, target),
                AnswerEvent.Usage usage => usage.PromptTokens >= 0 && usage.CompletionTokens >= 0,
                AnswerEvent.Item { IsSilent: true } => true,
                _ => false,
            };
            if (!isSaid)
            {
                return false;
            }

            hasCalls |= item is AnswerEvent.ToolCallDelta;
            hasUsage |= item is AnswerEvent.Usage;
            before = item is AnswerEvent.Item ? before : item;
        }

        return hasUsage;
    }

    private static bool IsConversation(Dialect dialect) => dialect is Dialect.OpenAIChat or Dialect.OpenAIResponses or Dialect.AnthropicMessages;

    // Chat has one reasoning, in front of everything; Anthropic's is signed, which nobody can make up.
    private static bool CanSay(AnswerEvent.ReasoningDelta reasoning, AnswerEvent? before, Dialect target) => target switch
    {
        Dialect.OpenAIChat => reasoning.Choice == 0 && before is null,
        Dialect.OpenAIResponses => reasoning.Choice == 0,
        _ => false,
    };

    private static bool CanSay(AnswerEvent.ToolCallDelta call, Dialect target)
        => !string.IsNullOrEmpty(call.CallId) && !string.IsNullOrEmpty(call.Name)
            && (target != Dialect.AnthropicMessages || !call.CallId.AsSpan().ContainsAnyExcept(IdCharacters));

    // Chat ends a call that the request demanded with "stop", where Anthropic says tool_use all the same.
    private static bool CanSay(AnswerEvent.Finish finish, bool hasCalls, Dialect target) => finish.Reason switch
    {
        "stop" => (finish.Detail is null || target == Dialect.OpenAIChat) && !(hasCalls && target == Dialect.AnthropicMessages),
        "tool_calls" => hasCalls,
        "length" => true,
        _ => false,
    };
}
