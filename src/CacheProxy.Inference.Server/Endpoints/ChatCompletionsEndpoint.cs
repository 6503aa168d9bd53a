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
        ToolUse? tools = ToolUse.Create(request, model.Prompts.ToolFormat);
        await using GenerationSet set = GenerationSet.Submit(
            model.Engine, GenerationRequests.Expand(CreateTemplate(context, request, model, tools), request.Sampling), PromptParam, context.RequestAborted);
        AnswerHead head = AnswerHead.Create("chatcmpl-", model, time);
        await (request.Stream
            ? new ChatStreamWriter(context, set, head, request.IncludeUsage, tools).WriteAsync()
            : WriteWholeAsync(context, set, head, tools)).ConfigureAwait(false);
    }

    private GenerationRequest CreateTemplate(HttpContext context, ChatCompletionRequest request, ChatModel model, ToolUse? tools)
    {
        int[] prompt = EncodePrompt(request, model, tools);
        if (prompt.Length >= model.Engine.MaxSequenceTokens)
        {
            throw new RequestErrorException(RequestError.ContextLengthExceeded(PromptParam, prompt.Length, model.Engine.MaxSequenceTokens));
        }

        GenerationRequest template = GenerationRequests.Create(prompt, request.Sampling, model, context, time);
        return template with
        {
            MaxTokens = request.MaxTokens,
            TopLogProbs = request.TopLogProbs,

            // Where calls are demanded, no text is left that a response format could be about.
            Constraint = tools?.CreateConstraint(model.Engine.Constraints) ?? template.Constraint,
        };
    }

    private static int[] EncodePrompt(ChatCompletionRequest request, ChatModel model, ToolUse? tools)
    {
        try
        {
            return model.Prompts.EncodeChat(request.Messages, tools is null ? [] : request.Tools);
        }
        catch (PromptException refusal)
        {
            throw new RequestErrorException(RequestError.InvalidValue(PromptParam, refusal.Message));
        }
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
        (string content, IReadOnlyList<ToolCall> calls) = tools is null ? (choice.Text, []) : ToolCallCollector.Read(tools, choice.Text);
        return new ChatChoice
        {
            Index = index,
            Message = calls.Count == 0 ? new ChatAnswer { Content = content } : new ChatAnswer { Content = content.Length > 0 ? content : null, ToolCalls = calls },
            LogProbs = choice.Tokens is null ? null : LogProbs.ToChat(choice.Tokens),
            FinishReason = Refusals.NameOf(choice.FinishReason, calls.Count > 0),
        };
    }
}
