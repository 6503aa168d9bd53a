using CacheProxy.Onnx.Encoders;

namespace CacheProxy.SemanticCache.Encoders;

/// <summary>The bundled same-answer verifier. Runs on the thread pool, at most <paramref name="concurrency"/> batches at once.</summary>
public sealed class OnnxVerifier(SameAnswerVerifier verifier, int concurrency) : IVerifier, IDisposable
{
    /// <summary>Share of wrong answers among the served that the default threshold was measured at.</summary>
    private const double DefaultError = 0.02;

    private readonly SemaphoreSlim _free = new(concurrency, concurrency);

    public string Fingerprint => verifier.Fingerprint;

    // The formula of the model's config.json: logit + 2 * cosine, only where cosine >= 0.6.
    public VerifierCalibration Calibration { get; } = new()
    {
        CosineWeight = 2,
        MinimumCosine = 0.6,
        DefaultThreshold = verifier.Config.CombinedThresholds[DefaultError],
    };

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
