using System.Numerics.Tensors;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Cascade;

/// <summary>What one pair has gone through so far. Touched by one thread at a time.</summary>
internal sealed class PairRun(QuestionPair pair, SemanticReason unfit, QuestionText? cached, QuestionText? asked)
{
    public PairTimes Times;

    public QuestionPair Pair => pair;

    public SemanticReason Unfit { get; private set; } = unfit;

    public QuestionText Cached => field ??= cached ?? new QuestionText(pair.Cached);

    public QuestionText Asked => field ??= asked ?? new QuestionText(pair.Asked);

    public float? StaticCosine { get; set; }

    public bool IsClearMiss { get; set; }

    public float Cosine { get; private set; }

    public bool IsSimilar { get; set; }

    public IReadOnlyList<string> Vetoes { get; set; } = [];

    public PairJudgement? Judgement { get; set; }

    public void Embedded(Embedding left, Embedding right)
    {
        Cosine = TensorPrimitives.Dot(left.Vector.Span, right.Vector.Span);
        if (Unfit == SemanticReason.None && (left.IsTruncated || right.IsTruncated))
        {
            Unfit = SemanticReason.TooLong;
        }
    }

    public PairVerdict Conclude()
    {
        PairStage stage = End();
        return new PairVerdict
        {
            Unfit = Unfit,
            StaticCosine = StaticCosine,
            Cosine = Cosine,
            Vetoes = Vetoes,
            Logit = Judgement?.Logit,
            IsTruncated = Judgement?.IsTruncated ?? false,
            Score = stage >= PairStage.Policy ? Judgement?.Probability ?? 0 : 0,
            Stage = stage,
            Times = Times,
        };
    }

    private PairStage End() => this switch
    {
        { Unfit: not SemanticReason.None } => PairStage.Eligibility,
        { IsClearMiss: true } => PairStage.StaticEmbedding,
        { IsSimilar: false } => PairStage.Similarity,
        { Vetoes.Count: > 0 } => PairStage.Guards,
        { Judgement: { IsTruncated: false, Verdict.Serves: true } } => PairStage.Served,
        { Judgement.IsTruncated: false } => PairStage.Policy,
        _ => PairStage.Verifier,
    };
}
