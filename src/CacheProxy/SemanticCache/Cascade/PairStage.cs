namespace CacheProxy.SemanticCache.Cascade;

/// <summary>The step of the cascade at which a pair ended, in the order in which they are taken.</summary>
public enum PairStage
{
    /// <summary>One of the texts may not be looked up at all.</summary>
    Eligibility,

    /// <summary>The static embedder rules the pair out.</summary>
    StaticEmbedding,

    /// <summary>Below <c>Semantic:MinimumSimilarity</c>.</summary>
    Similarity,

    /// <summary>A guard vetoes.</summary>
    Guards,

    /// <summary>Longer than the verifier reads.</summary>
    Verifier,

    /// <summary>The policy does not serve it.</summary>
    Policy,

    /// <summary>The cached answer would be served.</summary>
    Served,
}
