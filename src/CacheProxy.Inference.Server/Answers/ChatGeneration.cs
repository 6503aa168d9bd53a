using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Server.Endpoints;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Inference.Server.Models;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>A chat that the engine is answering, in whichever dialect it was asked. Disposing ends what has not finished.</summary>
internal sealed class ChatGeneration : IAsyncDisposable
{
    private ChatGeneration(ChatModel model, ToolUse? tools, int promptTokens, GenerationSet set)
        => (Model, Tools, PromptTokens, Set) = (model, tools, promptTokens, set);

    public ChatModel Model { get; }

    /// <summary>Null: no calls are looked for in the answer.</summary>
    public ToolUse? Tools { get; }

    public int PromptTokens { get; }

    public GenerationSet Set { get; }

    /// <exception cref="RequestErrorException">The model cannot serve the request, or the engine refused it.</exception>
    public static ChatGeneration Start(HttpContext context, ChatCompletionRequest request, ChatModel model, ChatTerms terms, TimeProvider time)
    {
        UnsupportedChatFeatures.Refuse(request, model);
        ToolUse? tools = ToolUse.Create(request, model.Prompts.ToolFormat, terms);
        int[] prompt = ChatPrompt.Encode(request, model, tools, terms);
        GenerationRequest template = GenerationRequests.Create(prompt, request.Sampling, model, context, time);
        template = template with
        {
            MaxTokens = request.MaxTokens ?? MostOf(model, template.MinTokens),
            CapsMaxTokens = terms.CapsMaxTokens || request.MaxTokens is null,
            TopLogProbs = request.TopLogProbs,

            // Where calls are demanded, no text is left that a response format could be about.
            Constraint = tools?.CreateConstraint(model.Engine.Constraints) ?? template.Constraint,
        };
        var set = GenerationSet.Submit(model.Engine, GenerationRequests.Expand(template, request.Sampling), terms.PromptParam, context.RequestAborted);
        return new ChatGeneration(model, tools, prompt.Length, set);
    }

    // Who wants more than the default at least gets that.
    private static int? MostOf(ChatModel model, int least) => model.DefaultMaxTokens is { } most ? Math.Max(most, least) : null;

    public ValueTask DisposeAsync() => Set.DisposeAsync();
}
