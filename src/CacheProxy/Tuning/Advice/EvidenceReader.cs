using CacheProxy.SemanticCache.Cascade;
using CacheProxy.SemanticCache.Truth;
using CacheProxy.Tuning.Evaluation;
using CacheProxy.Tuning.Pairs;
using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Tuning.Advice;

/// <summary>Gathers evidence: from what a proxy observed, or from labelled pairs.</summary>
public static class EvidenceReader
{
    // More says nothing more of a threshold; 24 MB.
    private const int MostObservations = 500_000;

    /// <summary>The observations of a data folder whose outcome is known, the newest 500,000. A running proxy may write beside it.</summary>
    /// <exception cref="FileNotFoundException">Nothing was observed there.</exception>
    public static IReadOnlyList<Evidence> FromObservations(string dataFolder, EvidenceSource source, DateTimeOffset? since)
    {
        string path = Path.Combine(dataFolder, ObservationLog.FileName);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There are no observations: {path} is not there. Semantic:Policy 'shadow' or audits fill it.", path);
        }

        using ObservationFile file = ObservationFile.OpenForReading(path);
        return [.. file.Read(new ObservationFilter { Since = since, IsKnownOnly = true }).Where(observation => Belongs(observation, source)).Select(EvidenceOf).TakeLast(MostObservations)];
    }

    /// <summary>Labelled pairs as the cascade scores them. A pair that a stage before the policy ends is no evidence about thresholds, only about the share of hits.</summary>
    public static async Task<(IReadOnlyList<Evidence> Evidence, int Pairs)> FromPairsAsync(
        PairCascade cascade, LabelFile file, Action<int>? done, CancellationToken cancellationToken)
    {
        var evidence = new List<Evidence>();
        int pairs = 0;
        await foreach ((LabelledPair pair, PairVerdict verdict) in PairEvaluation.JudgeAsync(cascade, file, cancellationToken))
        {
            pairs++;
            done?.Invoke(pairs);
            if (verdict.Stage >= PairStage.Policy)
            {
                evidence.Add(new Evidence("", "", new ScoredLabel(verdict.Score, pair.IsSame), null));
            }
        }

        return (evidence, pairs);
    }

    // What users report is no sample: they report what is wrong.
    private static bool Belongs(Observation observation, EvidenceSource source) => source == EvidenceSource.Shadow
        ? observation.Source is ObservationSource.Shadow or ObservationSource.Learned
        : observation.Source is ObservationSource.Audit;

    private static Evidence EvidenceOf(Observation observation) => new(
        observation.Model,
        observation.Route,
        new ScoredLabel(observation.Probability, observation.Outcome == ObservationOutcome.Right),
        observation.EntryAgeSeconds);
}
