namespace CacheProxy.Inference.Engine;

/// <summary>One generation, already tokenised. Immutable.</summary>
public sealed record GenerationRequest
{
    /// <summary>Prompt token ids, at least one.</summary>
    public required int[] PromptTokens { get; init; }

    /// <summary>The most tokens to generate; null: up to the context length.</summary>
    public int? MaxTokens { get; init; }

    public SamplingOptions Sampling { get; init; } = SamplingOptions.Greedy;

    /// <summary>Texts that end the generation; they are not part of the answer.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Do not stop at the model's own end-of-turn tokens.</summary>
    public bool IgnoreEndOfSequence { get; init; }

    /// <summary>Alternatives reported for each token; null: no log probabilities at all, 0: the chosen token's alone.</summary>
    public int? TopLogProbs { get; init; }

    /// <summary>Tenants with different salts never share KV blocks; empty: the common pool.</summary>
    public string Salt { get; init; } = "";
}

/// <summary>How the next token is chosen from the logits.</summary>
/// <param name="Temperature">0: arg-max.</param>
/// <param name="TopP">Nucleus, (0, 1]; 1: off.</param>
/// <param name="TopK">0: off.</param>
/// <param name="MinP">Fraction of the best token's probability, [0, 1); 0: off.</param>
/// <param name="PresencePenalty">Subtracted once from tokens generated so far, [-2, 2].</param>
/// <param name="FrequencyPenalty">Subtracted per occurrence among tokens generated so far, [-2, 2].</param>
/// <param name="Seed">Null: a seed of the engine's choice.</param>
public sealed record SamplingOptions(
    float Temperature = 1f,
    float TopP = 1f,
    int TopK = 0,
    float MinP = 0f,
    float PresencePenalty = 0f,
    float FrequencyPenalty = 0f,
    long? Seed = null)
{
    public static SamplingOptions Greedy { get; } = new(Temperature: 0f);
}
