using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Inference.Server.Models;
using CacheProxy.Protocol;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>From a checked request to what the engine takes.</summary>
internal static class GenerationRequests
{
    private const double DefaultTemperature = 1;

    /// <summary>One request per choice of one prompt. They share the prompt's KV through the engine's prefix tree.</summary>
    public static IEnumerable<GenerationRequest> Expand(GenerationRequest template, SamplingParameters parameters)
    {
        for (int choice = 0; choice < parameters.Choices; choice++)
        {
            // The same seed for every choice would make them all the same answer.
            yield return template with { Sampling = template.Sampling with { Seed = parameters.Seed + choice } };
        }
    }

    /// <exception cref="RequestErrorException">The format asked for cannot be held, or the timeout not be read.</exception>
    public static GenerationRequest Create(int[] prompt, SamplingParameters parameters, ChatModel model, HttpContext context, TimeProvider time) => new()
    {
        PromptTokens = prompt,
        Constraint = AnswerConstraints.Create(parameters.Format, model.Engine.Constraints),
        Stop = parameters.Stop,
        MinTokens = parameters.MinTokens,
        IgnoreEndOfSequence = parameters.IgnoreEndOfSequence,
        LogitBias = parameters.LogitBias,
        Priority = parameters.Priority,
        Speculate = parameters.Speculate,
        Deadline = time.GetUtcNow() + RequestTimeout.Read(context.Request),
        Salt = context.Request.Headers[HeaderNames.Salt].ToString(),
        Sampling = new SamplingOptions(
            Temperature: (float)(parameters.Temperature ?? DefaultTemperature),
            TopP: TopPOf(parameters),
            TopK: parameters.TopK ?? 0,
            MinP: MinPOf(parameters),
            PresencePenalty: (float)(parameters.PresencePenalty ?? 0),
            FrequencyPenalty: (float)(parameters.FrequencyPenalty ?? 0),
            RepetitionPenalty: (float)(parameters.RepetitionPenalty ?? 1)),
    };

    // 0 is allowed by the API and means the likeliest token alone; the engine's range begins above 0.
    private static float TopPOf(SamplingParameters parameters) => Math.Max((float)(parameters.TopP ?? 1), float.Epsilon);

    // 1 would keep the likeliest token alone, as does the largest float below it.
    private static float MinPOf(SamplingParameters parameters) => Math.Min((float)(parameters.MinP ?? 0), MathF.BitDecrement(1f));
}
