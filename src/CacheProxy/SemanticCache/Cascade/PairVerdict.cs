namespace CacheProxy.SemanticCache.Cascade;

/// <summary>What the cascade says about two questions, and how it came to it.</summary>
public sealed record PairVerdict
{
    /// <summary>Why one of the texts may not be looked up; <see cref="SemanticReason.None"/>: both may.</summary>
    public SemanticReason Unfit { get; init; }

    /// <summary>Of the static embedder's vectors; null: there is none.</summary>
    public float? StaticCosine { get; init; }

    /// <summary>Of the encoder's vectors, -1..1; computed for every pair, also one that an earlier step has ruled out.</summary>
    public required float Cosine { get; init; }

    /// <summary>The first guard that vetoes, or null.</summary>
    public string? Veto => Vetoes.Count > 0 ? Vetoes[0] : null;

    /// <summary>All guards that veto. Empty also where an earlier step has ruled the pair out and the cascade does not look on.</summary>
    public IReadOnlyList<string> Vetoes { get; init; } = [];

    /// <summary>The verifier's; null: it was not asked.</summary>
    public float? Logit { get; init; }

    /// <summary>The verifier did not read all of the pair.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>Probability, 0..1, that one answer serves both; 0 where a step before the policy has ruled the pair out.</summary>
    public double Score { get; init; }

    /// <summary>The serving policy serves the cached answer.</summary>
    public bool Serves => Stage == PairStage.Served;

    /// <summary>Where the pair ended.</summary>
    public required PairStage Stage { get; init; }

    public PairTimes Times { get; init; }
}
