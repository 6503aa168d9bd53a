namespace CacheProxy.SemanticCache.Scoring;

/// <summary>What is known about one candidate when a policy is asked. No guard has vetoed it, and the verifier has read all of it.</summary>
public readonly record struct SemanticEvidence
{
    /// <summary>Of the encoder's two vectors, -1..1.</summary>
    public required float Cosine { get; init; }

    /// <summary>The verifier's: high where both questions ask for the same answer.</summary>
    public required float Logit { get; init; }

    /// <summary>Of the static embedder's two vectors; null where it was not asked.</summary>
    public float? StaticCosine { get; init; }

    /// <summary>What the wording alone shows.</summary>
    public PairFeatures Features { get; init; }

    /// <summary>That one answer serves both, 0..1: what <see cref="CascadeScore"/> makes of the rest.</summary>
    public double Probability { get; init; }
}
