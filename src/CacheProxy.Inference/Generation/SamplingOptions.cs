namespace CacheProxy.Inference.Generation;

/// <summary>How the next token is chosen from the logits.</summary>
/// <param name="Temperature">0: arg-max.</param>
/// <param name="TopP">Nucleus, (0, 1]; 1: off.</param>
/// <param name="TopK">0: off.</param>
/// <param name="MinP">Fraction of the best token's probability, [0, 1); 0: off.</param>
/// <param name="PresencePenalty">Subtracted once from tokens generated so far, [-2, 2].</param>
/// <param name="FrequencyPenalty">Subtracted per occurrence among tokens generated so far, [-2, 2].</param>
/// <param name="RepetitionPenalty">Divides the positive and multiplies the negative logits of tokens in prompt and answer, above 0; 1: off.</param>
/// <param name="Seed">Null: a seed of the engine's choice.</param>
public sealed record SamplingOptions(
    float Temperature = 1f,
    float TopP = 1f,
    int TopK = 0,
    float MinP = 0f,
    float PresencePenalty = 0f,
    float FrequencyPenalty = 0f,
    float RepetitionPenalty = 1f,
    long? Seed = null)
{
    public static SamplingOptions Greedy { get; } = new(Temperature: 0f);

    /// <summary>The first option out of its range, with the range, or null.</summary>
    public string? FindError() => this switch
    {
        { Temperature: not (>= 0f and <= 100f) } => "temperature must be between 0 and 100",
        { TopP: not (> 0f and <= 1f) } => "top_p must be above 0 and at most 1",
        { TopK: < 0 } => "top_k must not be negative",
        { MinP: not (>= 0f and < 1f) } => "min_p must be at least 0 and below 1",
        { PresencePenalty: not (>= -2f and <= 2f) } => "presence_penalty must be between -2 and 2",
        { FrequencyPenalty: not (>= -2f and <= 2f) } => "frequency_penalty must be between -2 and 2",
        { RepetitionPenalty: not (> 0f and <= 100f) } => "repetition_penalty must be above 0 and at most 100",
        _ => null,
    };
}
