using CacheProxy.SemanticCache.Cascade;
using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Tuning.Evaluation;

/// <summary>What the cascade did with a file of labelled pairs. Immutable.</summary>
public sealed class EvaluationReport
{
    /// <param name="pairs">Judged.</param>
    /// <param name="stages">In the order in which they are taken.</param>
    /// <param name="guards">Most vetoes first.</param>
    public EvaluationReport(IReadOnlyList<EvaluatedPair> pairs, IReadOnlyList<StageTally> stages, IReadOnlyList<GuardTally> guards)
    {
        Cascade = new ThresholdCurve(pairs.Where(IsCandidate).Select(pair => new ScoredLabel(pair.Score, pair.IsSame)).Concat(Unscored(pairs)));
        Cosine = new ThresholdCurve(pairs.Select(pair => new ScoredLabel(pair.Cosine, pair.IsSame)));
        Pairs = pairs.Count;
        Positives = pairs.Count(pair => pair.IsSame);
        Served = pairs.Count(pair => pair.Stage == PairStage.Served);
        Wrong = pairs.Count(pair => pair is { Stage: PairStage.Served, IsSame: false });
        Stages = stages;
        Guards = guards;
    }

    public int Pairs { get; }

    /// <summary>Pairs with label 1.</summary>
    public int Positives { get; }

    /// <summary>By the policy that was asked for.</summary>
    public int Served { get; }

    /// <summary>Of those, with label 0.</summary>
    public int Wrong { get; }

    /// <summary>By the cascade's own score. A pair that a stage before the policy has ended has none and is served at no threshold.</summary>
    public ThresholdCurve Cascade { get; }

    /// <summary>By the encoder's cosine alone: the semantic cache with one static threshold and nothing else.</summary>
    public ThresholdCurve Cosine { get; }

    public IReadOnlyList<StageTally> Stages { get; }

    public IReadOnlyList<GuardTally> Guards { get; }

    private static bool IsCandidate(EvaluatedPair pair) => pair.Stage >= PairStage.Policy;

    private static IEnumerable<ScoredLabel> Unscored(IReadOnlyList<EvaluatedPair> pairs)
        => pairs.Where(pair => !IsCandidate(pair)).Select(pair => new ScoredLabel(double.NaN, pair.IsSame));
}
