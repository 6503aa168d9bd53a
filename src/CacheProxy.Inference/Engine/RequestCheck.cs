using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Text;

namespace CacheProxy.Inference.Engine;

/// <summary>Refuses up front what the engine could never finish.</summary>
internal static class RequestCheck
{
    /// <param name="poolTokens">Tokens that fit in all KV blocks together.</param>
    /// <param name="outgrowsContext">An answer may go on beyond the context, whose middle is forgotten.</param>
    /// <param name="outgrowsPool">An answer may go on beyond the pool, since its blocks are given back.</param>
    /// <returns>The most tokens that this request may generate.</returns>
    /// <exception cref="RequestRefusedException">The request cannot be served; the message says why.</exception>
    public static int Check(GenerationRequest request, ITokenVocabulary vocabulary, int contextLength, long poolTokens, bool outgrowsContext = false, bool outgrowsPool = false)
    {
        CheckOptions(request, vocabulary.Count);
        CheckPrompt(request.PromptTokens, vocabulary);
        int prompt = request.PromptTokens.Length;
        int wanted = request.MaxTokens ?? 1;
        if (request.CapsMaxTokens)
        {
            long room = Math.Min(outgrowsContext ? int.MaxValue : contextLength, outgrowsPool ? int.MaxValue : poolTokens) - prompt;
            wanted = (int)Math.Clamp(room, 1, wanted);
        }

        if (prompt + (outgrowsContext ? 1L : wanted) > contextLength)
        {
            throw new RequestRefusedException(
                RefusalReason.ContextLength,
                $"This model's maximum context length is {contextLength} tokens, but {prompt} in the prompt and {wanted} to generate were requested.");
        }

        if (prompt + (outgrowsPool ? 1L : wanted) > poolTokens)
        {
            throw new RequestRefusedException(
                RefusalReason.PoolSize,
                $"The engine's KV cache holds {poolTokens} tokens, but {prompt} in the prompt and {wanted} to generate were requested.");
        }

        return request.MaxTokens is not null ? wanted : (int)(Math.Min(contextLength, poolTokens) - prompt);
    }

    private static void CheckOptions(GenerationRequest request, int vocabularySize)
    {
        (string? field, string? error) = request switch
        {
            { MaxTokens: < 1 } => ("max_tokens", "max_tokens must be at least 1"),
            { TopLogProbs: < 0 or > GenerationRequest.MaxTopLogProbs } => ("top_logprobs", $"top_logprobs must be between 0 and {GenerationRequest.MaxTopLogProbs}"),
            { PromptLogProbs: < 0 or > GenerationRequest.MaxTopLogProbs } => ("logprobs", $"logprobs must be between 0 and {GenerationRequest.MaxTopLogProbs}"),
            { MinTokens: < 0 } => ("min_tokens", "min_tokens must not be negative"),
            { Speculate: < 0 or > GenerationRequest.MaxSpeculate } => ("speculate", $"speculate must be between 0 and {GenerationRequest.MaxSpeculate}"),
            _ when request.MinTokens > request.MaxTokens => ("min_tokens", $"min_tokens must not exceed max_tokens, which is {request.MaxTokens}"),
            { LogitBias: { Count: > 0 } bias } => ("logit_bias", FindError(bias, vocabularySize)),
            _ => (null, null),
        };
        if (error is null && request.Sampling.FindError() is { } outOfRange)
        {
            (field, error) = (outOfRange.Split(' ')[0], outOfRange);
        }

        if (error is not null)
        {
            throw new RequestRefusedException(RefusalReason.Invalid, error + ".", field);
        }
    }

    private static string? FindError(IReadOnlyDictionary<int, float> bias, int vocabularySize)
    {
        if (bias.Count > GenerationRequest.MaxLogitBias)
        {
            return $"logit_bias must have at most {GenerationRequest.MaxLogitBias} tokens, but has {bias.Count}";
        }

        foreach ((int token, float value) in bias)
        {
            if ((uint)token >= (uint)vocabularySize)
            {
                return $"logit_bias names token {token}, which is not in the model's vocabulary of {vocabularySize}";
            }

            if (value is not (>= -100f and <= 100f))
            {
                return $"logit_bias of token {token} must be between -100 and 100";
            }
        }

        return null;
    }

    /// <exception cref="RequestRefusedException">It is empty, or a token is not in the vocabulary.</exception>
    public static void CheckPrompt(ReadOnlySpan<int> prompt, ITokenVocabulary vocabulary)
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
