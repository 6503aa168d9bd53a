namespace CacheProxy.Inference.Generation;

/// <summary>One generation, already tokenised. Immutable.</summary>
public sealed record GenerationRequest
{
    /// <summary>The most alternatives that can be asked for with each token.</summary>
    public const int MaxTopLogProbs = 20;

    /// <summary>The most tokens whose logits can be biased: OpenAI's limit.</summary>
    public const int MaxLogitBias = 300;

    /// <summary>The most tokens that can be drafted ahead of the model in one step.</summary>
    public const int MaxSpeculate = 64;

    /// <summary>Prompt token ids, at least one.</summary>
    public required int[] PromptTokens { get; init; }

    /// <summary>The most tokens to generate, at least one; null: up to the context length.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>A <see cref="MaxTokens"/> beyond what the context has room for means what it has room for; else it is refused.</summary>
    public bool CapsMaxTokens { get; init; }

    /// <summary>Neither an end-of-turn token nor a stop text ends the answer before this many tokens; at most <see cref="MaxTokens"/>.</summary>
    public int MinTokens { get; init; }

    public SamplingOptions Sampling { get; init; } = SamplingOptions.Greedy;

    /// <summary>Texts that end the generation; they are not part of the answer.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Do not stop at the model's own end-of-turn tokens.</summary>
    public bool IgnoreEndOfSequence { get; init; }

    /// <summary>Alternatives reported for each token, 0..20; null: no log probabilities at all, 0: the chosen token's alone.</summary>
    public int? TopLogProbs { get; init; }

    /// <summary>Added to the logits of these tokens before anything else, each -100..100; at most <see cref="MaxLogitBias"/>.</summary>
    public IReadOnlyDictionary<int, float>? LogitBias { get; init; }

    /// <summary>The tokens that may come next; null: any. Shared by requests: each sequence starts its own state.</summary>
    public ITokenConstraint? Constraint { get; init; }

    /// <summary>The most tokens drafted ahead in one step, 0: none; null: the engine's default.</summary>
    public int? Speculate { get; init; }

    /// <summary>Lower runs first; among equals the order of arrival and the tenants' shares decide.</summary>
    public int Priority { get; init; }

    /// <summary>Whose share of the engine the request takes; unless set, the <see cref="Salt"/>.</summary>
    public string Tenant { get => field ?? Salt; init; }

    /// <summary>The answer is of no use to its reader after this time; null: it always is.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>
    /// Alternatives reported for each token of the prompt but the first, 0..20; null: none are. They come as the first tokens of the
    /// answer's deltas, without text. The prompt is then computed as a whole, whatever is cached of it.
    /// </summary>
    public int? PromptLogProbs { get; init; }

    /// <summary>Tenants with different salts never share KV blocks; empty: the common pool.</summary>
    public string Salt { get; init; } = "";
}
