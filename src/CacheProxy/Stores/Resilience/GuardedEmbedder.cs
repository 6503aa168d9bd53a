using CacheProxy.SemanticCache.Encoders;

namespace CacheProxy.Stores.Resilience;

/// <summary>An embedder within a time budget and behind a breaker: while it fails, callers are refused at once instead of waiting.</summary>
/// <param name="isPatient">For the indexer, which no request waits for.</param>
public sealed class GuardedEmbedder(IEmbedder inner, ResilientCall call, bool isPatient) : IEmbedder
{
    public string Fingerprint => inner.Fingerprint;

    public int Dimensions => inner.Dimensions;

    /// <exception cref="EncoderUnavailableException">It failed, took too long, or was not asked.</exception>
    public async ValueTask<Embedding> EmbedAsync(string text, CancellationToken cancellationToken)
    {
        CallResult<Embedding> result = isPatient
            ? await call.TryPatientlyAsync((inner, text), static (work, token) => work.inner.EmbedAsync(work.text, token), cancellationToken)
            : await call.TryAsync((inner, text), static (work, token) => work.inner.EmbedAsync(work.text, token), cancellationToken);
        return result.Succeeded ? result.Value : throw new EncoderUnavailableException(call.Name, result.Error);
    }
}
