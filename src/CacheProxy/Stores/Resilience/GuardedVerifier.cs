using CacheProxy.SemanticCache.Encoders;

namespace CacheProxy.Stores.Resilience;

/// <summary>A verifier within a time budget and behind a breaker: while it fails, callers are refused at once instead of waiting.</summary>
public sealed class GuardedVerifier(IVerifier inner, ResilientCall call) : IVerifier
{
    public string Fingerprint => inner.Fingerprint;

    /// <exception cref="EncoderUnavailableException">It failed, took too long, or was not asked.</exception>
    public async ValueTask<IReadOnlyList<VerifierScore>> ScoreAsync(IReadOnlyList<QuestionPair> pairs, CancellationToken cancellationToken)
    {
        CallResult<IReadOnlyList<VerifierScore>> result = await call.TryAsync(
            (inner, pairs), static (work, token) => work.inner.ScoreAsync(work.pairs, token), cancellationToken);
        return result.Succeeded ? result.Value! : throw new EncoderUnavailableException(call.Name, result.Error);
    }
}
