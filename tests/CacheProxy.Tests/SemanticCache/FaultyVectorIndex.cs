using CacheProxy.Exchange;
using CacheProxy.SemanticCache;

namespace CacheProxy.Tests.SemanticCache;

/// <summary>An index whose searches fail, stall or answer nonsense on demand.</summary>
internal sealed class FaultyVectorIndex(IVectorIndex inner) : IVectorIndex
{
    public string Name => inner.Name;

    public Exception? Failure { get; set; }

    public TaskCompletionSource? Stall { get; set; }

    public Func<Neighbour, Neighbour>? Distort { get; set; }

    public async ValueTask<IReadOnlyList<Neighbour>> SearchAsync(
        Fingerprint256 partition, ReadOnlyMemory<float> vector, int count, float minimumSimilarity, CancellationToken cancellationToken)
    {
        if (Stall is { } stall)
        {
            await stall.Task;
        }

        if (Failure is not null)
        {
            throw Failure;
        }

        IReadOnlyList<Neighbour> found = await inner.SearchAsync(partition, vector, count, minimumSimilarity, cancellationToken);
        return Distort is null ? found : [.. found.Select(Distort)];
    }

    public ValueTask UpsertAsync(IndexedQuestion question, ReadOnlyMemory<float> vector, CancellationToken cancellationToken)
        => inner.UpsertAsync(question, vector, cancellationToken);

    public ValueTask<IReadOnlyDictionary<Fingerprint256, string>> FindTextsAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
        => inner.FindTextsAsync(fingerprints, cancellationToken);

    public ValueTask RemoveAsync(Fingerprint256 partition, Fingerprint256 fingerprint, CancellationToken cancellationToken)
        => inner.RemoveAsync(partition, fingerprint, cancellationToken);

    public ValueTask RemoveAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
        => inner.RemoveAsync(fingerprints, cancellationToken);
}
