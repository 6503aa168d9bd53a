using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Server.Answers;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Inference.Server.Models;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Endpoints;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal sealed class ChatCompletionsEndpoint(ServedModels models, TimeProvider time)
{
    private const string PromptParam = "messages";

    public async Task InvokeAsync(HttpContext context)
    {
        ChatCompletionRequest request = await JsonBody.ReadAsync<ChatCompletionRequest>(context, ChatCompletionRequest.TryParse).ConfigureAwait(false);
        ChatModel model = models.Get<ChatModel>(request.Model);
        UnsupportedChatFeatures.Refuse(request, model);
        await using GenerationSet set = GenerationSet.Submit(
            model.Engine, GenerationRequests.Expand(CreateTemplate(context, request, model), request.Sampling), PromptParam, context.RequestAborted);
        AnswerHead head = AnswerHead.Create("chatcmpl-", model, time);
        await (request.Stream
            ? ChatStreamWriter.WriteAsync(context, set, head, request.IncludeUsage)
            : WriteWholeAsync(context, set, head)).ConfigureAwait(false);
    }

    private GenerationRequest CreateTemplate(HttpContext context, ChatCompletionRequest request, ChatModel model)
    {
        int[] prompt = EncodePrompt(request, model);
        if (prompt.Length >= model.Engine.MaxSequenceTokens)
        {
            throw new RequestErrorException(RequestError.ContextLengthExceeded(PromptParam, prompt.Length, model.Engine.MaxSequenceTokens));
        }

        return GenerationRequests.Create(prompt, request.Sampling, model, context, time) with { MaxTokens = request.MaxTokens, TopLogProbs = request.TopLogProbs };
    }

    private static int[] EncodePrompt(ChatCompletionRequest request, ChatModel model)
    {
        try
        {
            return model.Prompts.EncodeChat(request.Messages);
        }
        catch (PromptException refusal)
        {
            throw new RequestErrorException(RequestError.InvalidValue(PromptParam, refusal.Message));
        }
    }

    private static async Task WriteWholeAsync(HttpContext context, GenerationSet set, AnswerHead head)
    {
        CollectedAnswer answer = await CollectedAnswer.ReadAsync(set, choicesPerPrompt: set.Count, context.RequestAborted).ConfigureAwait(false);
        var body = new ChatCompletion
        {
            Id = head.Id,
            Created = head.Created,
            Model = head.Model,
            SystemFingerprint = head.Fingerprint,
            Choices = [.. answer.Choices.Select(ToChoice)],
            Usage = answer.Usage,
        };
        await JsonAnswer.WriteAsync(context, body, OpenAIJson.Default.ChatCompletion).ConfigureAwait(false);
    }

    private static ChatChoice ToChoice(CollectedChoice choice, int index) => new()
    {
        Index = index,
        Message = new ChatAnswer { Content = choice.Text },
        LogProbs = choice.Tokens is null ? null : LogProbs.ToChat(choice.Tokens),
        FinishReason = choice.FinishReason,
    };
}
