using CacheProxy.Inference.Server.Answers;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Inference.Server.Models;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Endpoints;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal sealed class ChatCompletionsEndpoint(ServedModels models, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        ChatCompletionRequest request = await JsonBody.ReadAsync<ChatCompletionRequest>(context, ChatCompletionRequest.TryParse).ConfigureAwait(false);
        ChatModel model = models.Get<ChatModel>(request.Model);
        await using ChatGeneration generation = ChatGeneration.Start(context, request, model, ChatTerms.Chat, time);
        AnswerHead head = AnswerHead.Create("chatcmpl-", model, time);
        await (request.Stream
            ? new ChatStreamWriter(context, generation.Set, head, request.IncludeUsage, generation.Tools).WriteAsync()
            : WriteWholeAsync(context, generation.Set, head, generation.Tools)).ConfigureAwait(false);
    }

    private static async Task WriteWholeAsync(HttpContext context, GenerationSet set, AnswerHead head, ToolUse? tools)
    {
        CollectedAnswer answer = await CollectedAnswer.ReadAsync(set, choicesPerPrompt: set.Count, context.RequestAborted).ConfigureAwait(false);
        var body = new ChatCompletion
        {
            Id = head.Id,
            Created = head.Created,
            Model = head.Model,
            SystemFingerprint = head.Fingerprint,
            Choices = [.. answer.Choices.Select((choice, index) => ToChoice(choice, index, tools))],
            Usage = answer.Usage,
        };
        await JsonAnswer.WriteAsync(context, body, OpenAIJson.Default.ChatCompletion).ConfigureAwait(false);
    }

    private static ChatChoice ToChoice(CollectedChoice choice, int index, ToolUse? tools)
    {
        IReadOnlyList<AnswerBlock> blocks = BlockReader.ReadWhole(tools, choice);
        string content = string.Concat(blocks.Where(block => !block.IsCall).Select(block => block.Content));
        ToolCall[] calls = [.. blocks.Where(block => block.IsCall).Select(ToCall)];
        return new ChatChoice
        {
            Index = index,
            Message = calls.Length == 0 ? new ChatAnswer { Content = content } : new ChatAnswer { Content = content.Length > 0 ? content : null, ToolCalls = calls },
            LogProbs = choice.Tokens is null ? null : LogProbs.ToChat(choice.Tokens),
            FinishReason = Refusals.NameOf(choice.FinishReason, calls.Length > 0),
        };
    }

    private static ToolCall ToCall(AnswerBlock block)
        => new() { Id = block.CallId, Type = "function", Function = new ToolCallFunction(block.Name, block.Content) };
}
