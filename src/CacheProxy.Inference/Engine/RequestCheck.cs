using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Text;

namespace CacheProxy.Inference.Engine;

/// <summary>Refuses up front what the engine could never finish.</summary>
internal static class RequestCheck
{
    /// <param name="poolTokens">Tokens that fit in all KV blocks together.</param>
    /// <returns>The most tokens that this request may generate.</returns>
    /// <exception cref="RequestRefusedException">The request cannot be served; the message says why.</exception>
    public static int Check(GenerationRequest request, ITokenVocabulary vocabulary, int contextLength, long poolTokens)
    {
        CheckOptions(request);
        CheckPrompt(request.PromptTokens, vocabulary);
        int prompt = request.PromptTokens.Length;
        int wanted = request.MaxTokens ?? 1;
        if ((long)prompt + wanted > contextLength)
        {
            throw new RequestRefusedException(
                RefusalReason.ContextLength,
                $"This model's maximum context length is {contextLength} tokens, but {prompt} in the prompt and {wanted} to generate were requested.");
        }

        if ((long)prompt + wanted > poolTokens)
        {
            throw new RequestRefusedException(
                RefusalReason.PoolSize,
                $"The engine's KV cache holds {poolTokens} tokens, but {prompt} in the prompt and {wanted} to generate were requested.");
        }

        return request.MaxTokens ?? (int)(Math.Min(contextLength, poolTokens) - prompt);
    }

    private static void CheckOptions(GenerationRequest request)
    {
        string? error = request switch
        {
            { MaxTokens: < 1 } => "max_tokens must be at least 1",
            { TopLogProbs: < 0 or > GenerationRequest.MaxTopLogProbs } => $"top_logprobs must be between 0 and {GenerationRequest.MaxTopLogProbs}",
            _ => request.Sampling.FindError(),
        };
        if (error is not null)
        {
            throw new RequestRefusedException(RefusalReason.Invalid, error + ".");
        }
    }

    private static void CheckPrompt(ReadOnlySpan<int> prompt, ITokenVocabulary vocabulary)
    {
        if (prompt.IsEmpty)
        {
            throw new RequestRefusedException(RefusalReason.Invalid, "The prompt is empty.");
        }

        foreach (int token in prompt)
        {
            if ((uint)token >= (uint)vocabulary.Count)
            {
                throw new RequestRefusedException(RefusalReason.Invalid, $"Token {token} is not in the model's vocabulary of {vocabulary.Count}.");
            }
        }
    }
}
