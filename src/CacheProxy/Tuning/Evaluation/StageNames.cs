using CacheProxy.SemanticCache.Cascade;

namespace CacheProxy.Tuning.Evaluation;

/// <summary>The stages as reports call them.</summary>
public static class StageNames
{
    public static string Of(PairStage stage) => stage switch
    {
        PairStage.Eligibility => "eligibility",
        PairStage.StaticEmbedding => "static",
        PairStage.Similarity => "encoder",
        PairStage.Guards => "guards",
        PairStage.Verifier => "verifier",
        PairStage.Policy => "policy",
        _ => "served",
    };
}
