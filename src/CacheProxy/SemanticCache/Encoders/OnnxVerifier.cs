using CacheProxy.Onnx.Encoders;

namespace CacheProxy.SemanticCache.Encoders;

/// <summary>The bundled same-answer verifier. Runs on the thread pool, at most <paramref name="concurrency"/> batches at once.</summary>
public sealed class OnnxVerifier(SameAnswerVerifier verifier, int concurrency) : IVerifier, IDisposable
{
    private readonly SemaphoreSlim _free = new(concurrency, concurrency);

    public string Fingerprint => verifier.Fingerprint;

    public async ValueTask<IReadOnlyList<VerifierScore>> ScoreAsync(IReadOnlyList<QuestionPair> pairs, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Score(pairs), CancellationToken.None);
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();

    private VerifierScore[] Score(IReadOnlyList<QuestionPair> pairs)
    {
        SameAnswer[] answers = new SameAnswer[pairs.Count];
        verifier.Verify(pairs.Select(pair => new SameAnswerPair(pair.Cached, pair.Asked)).ToArray(), answers);
        return [.. answers.Select(answer => new VerifierScore(answer.Logit, answer.Truncated))];
    }
}
