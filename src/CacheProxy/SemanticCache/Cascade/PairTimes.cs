namespace CacheProxy.SemanticCache.Cascade;

/// <summary>What each step cost for one pair; zero for a step that was not reached. Encoder and verifier work in batches: a pair's part is an equal share.</summary>
public record struct PairTimes
{
    /// <summary>Taking the texts apart, and whether they may be looked up.</summary>
    public TimeSpan Eligibility { get; set; }

    public TimeSpan StaticEmbedding { get; set; }

    public TimeSpan Embedding { get; set; }

    public TimeSpan Guards { get; set; }

    /// <summary>Verifier, score and policy.</summary>
    public TimeSpan Verifier { get; set; }

    public readonly TimeSpan Total => Eligibility + StaticEmbedding + Embedding + Guards + Verifier;
}
