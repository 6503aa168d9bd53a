using CacheProxy.Inference.Server.Http;
using CacheProxy.Inference.Server.Models;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>From the messages of a chat to the tokens of its prompt, as the model's template has them.</summary>
internal static class ChatPrompt
{
    /// <param name="tools">Null: none are shown to the model.</param>
    /// <exception cref="RequestErrorException">The template refuses the messages, or they are too long.</exception>
    public static int[] Encode(ChatCompletionRequest request, ChatModel model, ToolUse? tools, ChatTerms terms)
    {
        IReadOnlyList<ToolDefinition> shown = tools is null ? [] : request.Tools;
        int[] prompt = Encode(request.Messages, shown, model, terms);
        int limit = model.Engine.MaxSequenceTokens - (request.MaxTokens ?? 1);
        if (terms.TruncatesPrompt && prompt.Length > limit)
        {
            prompt = EncodeLatest(request.Messages, shown, model, terms, limit) ?? prompt;
        }

        return prompt.Length < model.Engine.MaxSequenceTokens
            ? prompt
            : throw new RequestErrorException(RequestError.ContextLengthExceeded(terms.PromptParam, prompt.Length, model.Engine.MaxSequenceTokens));
    }

    /// <exception cref="RequestErrorException">The template refuses the messages.</exception>
    public static int[] Encode(IReadOnlyList<ChatMessage> messages, IReadOnlyList<ToolDefinition> tools, ChatModel model, ChatTerms terms)
    {
        try
        {
            return terms.ContinuesAnswer && messages is [.., { Role: "assistant", ToolCalls.Count: 0 } begun] && messages.Count > 1
                ? model.Prompts.EncodeChat([.. messages.SkipLast(1)], tools, AnswerStart(begun, terms))
                : model.Prompts.EncodeChat(messages, tools);
        }
        catch (PromptException refusal)
        {
            throw new RequestErrorException(RequestError.InvalidValue(terms.PromptParam, refusal.Message));
        }
    }

    // No model begins a token with the end of a blank: the answer would be another than to the same text without it.
    private static string AnswerStart(ChatMessage begun, ChatTerms terms) => begun.Text is [.., var last] text && char.IsWhiteSpace(last)
        ? throw new RequestErrorException(RequestError.InvalidValue(terms.PromptParam, "final assistant content cannot end with trailing whitespace"))
        : begun.Text;

    /// <summary>The system messages at the head and as many of the latest turns as fit. A turn goes as a whole, from one message of the user to the next.</summary>
    /// <returns>Null: not even the last one fits.</returns>
    private static int[]? EncodeLatest(IReadOnlyList<ChatMessage> messages, IReadOnlyList<ToolDefinition> tools, ChatModel model, ChatTerms terms, int limit)
    {
        ChatMessage[] head = [.. messages.TakeWhile(message => message.Role is "system" or "developer")];
        int[] starts = [.. Enumerable.Range(head.Length, messages.Count - head.Length).Where(i => messages[i].Role == "user").Skip(1)];

        // The more turns are left out the shorter the prompt is, and each try costs a tokenization: halving finds the first that fits.
        int[]? fitting = null;
        for ((int low, int high) = (0, starts.Length); low < high;)
        {
            int middle = (low + high) / 2;
            int[] prompt = Encode([.. head, .. messages.Skip(starts[middle])], tools, model, terms);
            if (prompt.Length <= limit)
            {
                (fitting, high) = (prompt, middle);
            }
            else
            {
                low = middle + 1;
            }
        }

        return fitting;
    }
}
