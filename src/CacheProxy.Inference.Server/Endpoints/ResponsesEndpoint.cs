using System.Buffers;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Server.Answers;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Inference.Server.Models;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Endpoints;

/// <summary><c>POST /v1/responses</c>: a chat in items. Nothing is kept of it.</summary>
internal sealed class ResponsesEndpoint(ServedModels models, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        ResponseRequest request = await JsonBody.ReadAsync<ResponseRequest>(context, ResponseRequest.TryParse).ConfigureAwait(false);
        ChatModel model = models.Get<ChatModel>(request.Chat.Model);
        ChatTerms terms = ChatTerms.Responses with { TruncatesPrompt = request.TruncatesPrompt };
        await using ChatGeneration generation = ChatGeneration.Start(context, request.Chat, model, terms, time);
        AnswerHead head = AnswerHead.Create("resp_", model, time);
        var response = new ResponseWriter(head.Id, head.Created, head.Model, request.Echo);
        if (!request.Chat.Stream)
        {
            await WriteWholeAsync(context, generation, response).ConfigureAwait(false);
            return;
        }

        using var stream = new ResponseStreamWriter(context, generation, response, time);
        await stream.WriteAsync().ConfigureAwait(false);
    }

    private async Task WriteWholeAsync(HttpContext context, ChatGeneration generation, ResponseWriter response)
    {
        CollectedAnswer answer = await CollectedAnswer.ReadAsync(generation.Set, choicesPerPrompt: 1, context.RequestAborted).ConfigureAwait(false);
        CollectedChoice choice = answer.Choices[0];
        bool isCut = choice.End.Reason == FinishReason.Length;
        IReadOnlyList<ResponseItem> items = ResponseItems.ToItems(BlockReader.ReadWhole(generation.Tools, choice), isCut);
        var body = new ArrayBufferWriter<byte>(2048);
        response.Write(body, ResponseItems.ToState(items, answer.Usage, isCut, time.GetUtcNow().ToUnixTimeSeconds()));
        await JsonAnswer.WriteAsync(context, body.WrittenMemory).ConfigureAwait(false);
    }
}
