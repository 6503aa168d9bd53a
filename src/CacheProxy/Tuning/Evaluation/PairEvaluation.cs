using CacheProxy.SemanticCache.Cascade;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.Tuning.Pairs;

namespace CacheProxy.Tuning.Evaluation;

/// <summary>Runs the cascade over a label file, a batch of pairs at a time: memory does not grow with the texts.</summary>
public static class PairEvaluation
{
    // Enough that the batches inside are of like length; some 8 MiB of vectors.
    private const int PairsPerCall = 2048;

    /// <param name="done">Told after each batch how many pairs are judged.</param>
    public static async Task<EvaluationReport> RunAsync(PairCascade cascade, LabelFile file, Action<int>? done, CancellationToken cancellationToken)
    {
        var tally = new EvaluationTally();
        await foreach ((LabelledPair pair, PairVerdict verdict) in JudgeAsync(cascade, file, cancellationToken))
        {
            tally.Add(pair.IsSame, verdict);
            if (tally.Count % PairsPerCall == 0 || tally.Count == file.Count)
            {
                done?.Invoke(tally.Count);
            }
        }

        return tally.Report();
    }

    /// <summary>Every pair of the file with its verdict, in order.</summary>
    public static async IAsyncEnumerable<(LabelledPair Pair, PairVerdict Verdict)> JudgeAsync(
        PairCascade cascade, LabelFile file, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (LabelledPair[] chunk in file.Read().Chunk(PairsPerCall))
        {
            IReadOnlyList<PairVerdict> verdicts = await cascade.JudgeAsync(
                [.. chunk.Select(pair => new QuestionPair(pair.Cached, pair.Asked))], cancellationToken);
            for (int i = 0; i < chunk.Length; i++)
            {
                yield return (chunk[i], verdicts[i]);
            }
        }
    }
}
