using CacheProxy.SemanticCache.Cascade;

namespace CacheProxy.Tuning.Evaluation;

/// <summary>Gathers verdicts into a report, keeping 24 bytes of each.</summary>
internal sealed class EvaluationTally
{
    private static readonly PairStage[] Stages = Enum.GetValues<PairStage>();

    private readonly List<EvaluatedPair> _pairs = [];
    private readonly Dictionary<string, (int Ended, int EndedSame)> _guards = new(StringComparer.Ordinal);
    private readonly TimeSpan[] _times = new TimeSpan[Stages.Length];

    public int Count => _pairs.Count;

    public void Add(bool isSame, PairVerdict verdict)
    {
        _pairs.Add(new EvaluatedPair(verdict.Score, verdict.Cosine, isSame, verdict.Stage));
        foreach (PairStage stage in Stages)
        {
            if (verdict.Stage >= stage)
            {
                _times[(int)stage] += TimeOf(stage, verdict.Times);
            }
        }

        if (verdict is { Stage: PairStage.Guards, Veto: { } veto })
        {
            (int ended, int endedSame) = _guards.GetValueOrDefault(veto);
            _guards[veto] = (ended + 1, endedSame + (isSame ? 1 : 0));
        }
    }

    public EvaluationReport Report() => new(
        _pairs,
        [.. Stages.Where(stage => stage != PairStage.Served).Select(Tally)],
        [.. _guards.Select(guard => new GuardTally(guard.Key, guard.Value.Ended, guard.Value.EndedSame)).OrderByDescending(guard => guard.Ended).ThenBy(guard => guard.Name, StringComparer.Ordinal)]);

    private StageTally Tally(PairStage stage) => new(
        stage,
        _pairs.Count(pair => pair.Stage >= stage),
        _pairs.Count(pair => pair.Stage == stage),
        _pairs.Count(pair => pair.Stage == stage && pair.IsSame),
        _times[(int)stage]);

    private static TimeSpan TimeOf(PairStage stage, PairTimes times) => stage switch
    {
        PairStage.Eligibility => times.Eligibility,
        PairStage.StaticEmbedding => times.StaticEmbedding,
        PairStage.Similarity => times.Embedding,
        PairStage.Guards => times.Guards,
        PairStage.Verifier => times.Verifier,
        _ => TimeSpan.Zero,
    };
}
