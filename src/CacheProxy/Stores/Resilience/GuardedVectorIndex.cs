using CacheProxy.Exchange;
using CacheProxy.SemanticCache;

namespace CacheProxy.Stores.Resilience;

/// <summary>An index that is never in the way: a failed search finds nothing, a failed write is dropped and counted. Only a removal says so when it failed.</summary>
public sealed class GuardedVectorIndex(IVectorIndex inner, ResilientCall call) : IVectorIndex
{
    public string Name => inner.Name;

    /// <summary>Health and counts of the index behind.</summary>
    public ResilientCall Call => call;

    public async ValueTask<IReadOnlyList<Neighbour>> SearchAsync(
        Fingerprint256 partition, ReadOnlyMemory<float> vector, int count, float minimumSimilarity, CancellationToken cancellationToken)
    {
        CallResult<IReadOnlyList<Neighbour>> result = await call.TryAsync(
            (inner, partition, vector, count, minimumSimilarity),
            static (work, token) => work.inner.SearchAsync(work.partition, work.vector, work.count, work.minimumSimilarity, token),
            cancellationToken);
        return result.Value ?? [];
    }

    public async ValueTask<IReadOnlyDictionary<Fingerprint256, string>> FindTextsAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
    {
        CallResult<IReadOnlyDictionary<Fingerprint256, string>> result = await call.TryPatientlyAsync(
            (inner, fingerprints), static (work, token) => work.inner.FindTextsAsync(work.fingerprints, token), cancellationToken);
        return result.Value ?? new Dictionary<Fingerprint256, string>();
    }

    public async ValueTask UpsertAsync(IndexedQuestion question, ReadOnlyMemory<float> vector, CancellationToken cancellationToken)
        => await call.TryPatientlyAsync(
            (inner, question, vector),
            static async (work, token) =>
            {
                await work.inner.UpsertAsync(work.question, work.vector, token);
                return true;
            },
            cancellationToken);

    public ValueTask RemoveAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
        => inner.RemoveAsync(fingerprints, cancellationToken);

    /// <exception cref="StoreUnavailableException">The index failed, took too long, or was not asked.</exception>
    public async ValueTask RemoveAsync(Fingerprint256 partition, Fingerprint256 fingerprint, CancellationToken cancellationToken)
    {
        CallResult<bool> result = await call.TryPatientlyAsync(
            (inner, partition, fingerprint),
            static async (work, token) =>
            {
                await work.inner.RemoveAsync(work.partition, work.fingerprint, token);
                return true;
            },
            cancellationToken);
        if (!result.Succeeded)
        {
            throw new StoreUnavailableException(Name, result.Error);
        }
    }
}
