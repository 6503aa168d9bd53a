using CacheProxy.Onnx.Encoders;

namespace CacheProxy.SemanticCache.Encoders;

/// <summary>The bundled same-answer verifier. Pairs of requests that come together share a run, on the thread pool.</summary>
public sealed class OnnxVerifier : IVerifier, IDisposable
{
    // Look-ups of one to three pairs each: up to 24 pairs, about 80 ms on one core.
    private const int MaximumLookups = 8;

    private readonly SameAnswerVerifier _verifier;
    private readonly MicroBatcher<IReadOnlyList<QuestionPair>, IReadOnlyList<VerifierScore>> _batcher;

    /// <param name="verifier">Not disposed here.</param>
    /// <param name="concurrency">Runs at once.</param>
    /// <param name="maximumLookups">Look-ups whose pairs share a run.</param>
    public OnnxVerifier(SameAnswerVerifier verifier, int concurrency, int maximumLookups = MaximumLookups)
    {
        _verifier = verifier;
        _batcher = new MicroBatcher<IReadOnlyList<QuestionPair>, IReadOnlyList<VerifierScore>>((lookups, _) => new(Score(lookups)), concurrency, maximumLookups);
    }

    public string Fingerprint => _verifier.Fingerprint;

    /// <summary>Look-ups and runs since the start: their ratio is the size of the batches.</summary>
    public (long Lookups, long Runs) Counts => (_batcher.Items, _batcher.Batches);

    public ValueTask<IReadOnlyList<VerifierScore>> ScoreAsync(IReadOnlyList<QuestionPair> pairs, CancellationToken cancellationToken)
        => new(_batcher.RunAsync(pairs, cancellationToken));

    public void Dispose() => _batcher.Dispose();

    private VerifierScore[][] Score(IReadOnlyList<IReadOnlyList<QuestionPair>> lookups)
    {
        SameAnswerPair[] pairs = [.. lookups.SelectMany(lookup => lookup).Select(pair => new SameAnswerPair(pair.Cached, pair.Asked))];
        SameAnswer[] answers = new SameAnswer[pairs.Length];
        _verifier.Verify(pairs, answers);
        var scores = new VerifierScore[lookups.Count][];
        int at = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = [.. answers.AsSpan(at, lookups[i].Count).ToArray().Select(answer => new VerifierScore(answer.Logit, answer.Truncated))];
            at += lookups[i].Count;
        }

        return scores;
    }
}
