namespace CacheProxy.Inference.Generation;

/// <summary>One generation, already tokenised. Immutable.</summary>
public sealed record GenerationRequest
{
    /// <summary>The most alternatives that can be asked for with each token.</summary>
    public const int MaxTopLogProbs = 20;

    /// <summary>Prompt token ids, at least one.</summary>
    public required int[] PromptTokens { get; init; }

    /// <summary>The most tokens to generate, at least one; null: up to the context length.</summary>
    public int? MaxTokens { get; init; }

    public SamplingOptions Sampling { get; init; } = SamplingOptions.Greedy;

    /// <summary>Texts that end the generation; they are not part of the answer.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Do not stop at the model's own end-of-turn tokens.</summary>
    public bool IgnoreEndOfSequence { get; init; }

    /// <summary>Alternatives reported for each token, 0..20; null: no log probabilities at all, 0: the chosen token's alone.</summary>
    public int? TopLogProbs { get; init; }

    /// <summary>Tenants with different salts never share KV blocks; empty: the common pool.</summary>
    public string Salt { get; init; } = "";
}
