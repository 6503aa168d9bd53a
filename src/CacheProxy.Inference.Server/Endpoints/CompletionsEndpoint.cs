using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Server.Answers;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Inference.Server.Models;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Endpoints;

/// <summary><c>POST /v1/completions</c>: raw prompts, without a chat template.</summary>
internal sealed class CompletionsEndpoint(ServedModels models, TimeProvider time)
{
    private const string PromptParam = "prompt";

    public async Task InvokeAsync(HttpContext context)
    {
        CompletionRequest request = await JsonBody.ReadAsync<CompletionRequest>(context, CompletionRequest.TryParse).ConfigureAwait(false);
        ChatModel model = models.Get<ChatModel>(request.Model);
        RefuseUnsupported(request);
        GenerationRequest[] templates = [.. request.Prompts.Select(prompt => CreateTemplate(context, request, prompt, model))];
        await using GenerationSet set = GenerationSet.Submit(
            model.Engine, templates.SelectMany(template => GenerationRequests.Expand(template, request.Sampling)).ToList(), PromptParam, context.RequestAborted);
        AnswerHead head = AnswerHead.Create("cmpl-", model, time);
        PromptEcho[] echoes = !request.Echo ? []
            : [.. request.Prompts.Zip(templates, (prompt, template) => new PromptEcho(prompt, template.PromptTokens, model.Engine.Vocabulary))];
        var writer = new CompletionAnswerWriter(context, head, request, echoes);
        await (request.Stream ? writer.StreamAsync(set) : writer.WriteWholeAsync(set)).ConfigureAwait(false);
    }

    private static void RefuseUnsupported(CompletionRequest request)
    {
        RequestError? error = request switch
        {
            { Suffix.Length: > 0 } => RequestError.Unsupported("suffix", "Unsupported parameter: 'suffix' is not supported with this model."),
            _ when request.BestOf > request.Sampling.Choices => RequestError.UnsupportedValue("best_of", "Unsupported value: 'best_of' cannot be larger than 'n' with this model."),
            _ => null,
        };
        if (error is not null)
        {
            throw new RequestErrorException(error);
        }
    }

    private GenerationRequest CreateTemplate(HttpContext context, CompletionRequest request, TextInput input, ChatModel model)
    {
        int[] prompt = input.Tokens ?? model.Prompts.EncodeText(input.Text ?? "");
        if (prompt.Length == 0)
        {
            throw new RequestErrorException(RequestError.InvalidValue(PromptParam, "the prompt is empty."));
        }

        if (prompt.Length >= model.Engine.MaxSequenceTokens)
        {
            throw new RequestErrorException(RequestError.ContextLengthExceeded(PromptParam, prompt.Length, model.Engine.MaxSequenceTokens));
        }

        return GenerationRequests.Create(prompt, request.Sampling, model, context, time) with
        {
            // The engine generates at least one token; for 0 it is thrown away, and what remains is a computed prompt.
            MaxTokens = Math.Max(request.MaxTokens, 1),
            TopLogProbs = request.TopLogProbs,
            PromptLogProbs = request.Echo ? request.TopLogProbs : null,
        };
    }
}
