using System.Buffers;
using CacheProxy.Inference.Server.Answers;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Inference.Server.Models;
using CacheProxy.Protocol.Anthropic;

namespace CacheProxy.Inference.Server.Endpoints;

/// <summary><c>POST /v1/messages</c> and <c>POST /v1/messages/count_tokens</c>: a chat in Anthropic's dialect.</summary>
internal sealed class MessagesEndpoint(ServedModels models, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        MessageRequest request = await JsonBody.ReadAsync<MessageRequest>(context, MessageRequest.TryParse).ConfigureAwait(false);
        ChatModel model = models.Get<ChatModel>(request.Chat.Model);
        await using ChatGeneration generation = ChatGeneration.Start(context, request.Chat, model, ChatTerms.Messages, time);
        var message = new MessageWriter(AnswerHead.Create("msg_", model, time).Id, model.Id);
        MessageDialect.RequestIdOf(context);
        if (!request.Chat.Stream)
        {
            await WriteWholeAsync(context, generation, message, request.Chat.MaxTokens).ConfigureAwait(false);
            return;
        }

        using var stream = new MessageStreamWriter(context, generation, message, request.Chat.MaxTokens);
        await stream.WriteAsync().ConfigureAwait(false);
    }

    /// <summary>Exactly the prompt that the same request would make.</summary>
    public async Task CountAsync(HttpContext context)
    {
        MessageRequest request = await JsonBody.ReadAsync<MessageRequest>(context, MessageRequest.TryParseCount).ConfigureAwait(false);
        ChatModel model = models.Get<ChatModel>(request.Chat.Model);
        UnsupportedChatFeatures.Refuse(request.Chat, model);
        ToolUse? tools = ToolUse.Create(request.Chat, model.Prompts.ToolFormat, ChatTerms.Messages);
        int[] prompt = ChatPrompt.Encode(request.Chat.Messages, tools is null ? [] : request.Chat.Tools, model, ChatTerms.Messages);
        MessageDialect.RequestIdOf(context);
        await JsonAnswer.WriteAsync(context, MessageCount.ToJson(prompt.Length)).ConfigureAwait(false);
    }

    private static async Task WriteWholeAsync(HttpContext context, ChatGeneration generation, MessageWriter message, int? maxTokens)
    {
        CollectedAnswer answer = await CollectedAnswer.ReadAsync(generation.Set, choicesPerPrompt: 1, context.RequestAborted).ConfigureAwait(false);
        CollectedChoice choice = answer.Choices[0];
        IReadOnlyList<AnswerBlock> blocks = BlockReader.ReadWhole(generation.Tools, choice);
        MessageEnd end = MessageAnswers.ToEnd(choice.End, blocks.Any(block => block.IsCall), maxTokens);
        var body = new ArrayBufferWriter<byte>(1024);
        message.Write(body, [.. blocks.Select(MessageAnswers.ToBlock)], end);
        await JsonAnswer.WriteAsync(context, body.WrittenMemory).ConfigureAwait(false);
    }
}
