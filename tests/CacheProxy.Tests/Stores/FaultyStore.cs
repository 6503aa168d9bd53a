using System.Runtime.CompilerServices;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.SemanticCache;

namespace CacheProxy.Tests.Stores;

/// <summary>A store and index whose every call does what <see cref="Behaviour"/> says before it answers.</summary>
internal sealed class FaultyStore : IEntryStore, IVectorIndex
{
    public Func<Task> Behaviour { get; set; } = () => Task.CompletedTask;

    public int Calls { get; private set; }

    public string Name => "faulty";

    public async ValueTask<CacheEntry?> GetAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken)
    {
        await CallAsync();
        return SampleEntries.Plain(1);
    }

    public async ValueTask SetAsync(CacheEntry entry, CancellationToken cancellationToken) => await CallAsync();

    public async ValueTask<bool> RemoveAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken)
    {
        await CallAsync();
        return true;
    }

    public async ValueTask<long> CountAsync(EntrySelector selector, CancellationToken cancellationToken)
    {
        await CallAsync();
        return 1;
    }

    public async ValueTask<long> RemoveAsync(EntrySelector selector, Action<Fingerprint256>? removed, CancellationToken cancellationToken)
    {
        await CallAsync();
        return 1;
    }

    public async IAsyncEnumerable<CacheEntry> ReadAsync(
        EntrySelector selector, Fingerprint256? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await CallAsync();
        yield break;
    }

    public async ValueTask RemoveAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken) => await CallAsync();

    public async ValueTask<IReadOnlyList<Neighbour>> SearchAsync(
        Fingerprint256 partition, ReadOnlyMemory<float> vector, int count, float minimumSimilarity, CancellationToken cancellationToken)
    {
        await CallAsync();
        return [new Neighbour(new IndexedQuestion(partition, partition, "text", SampleEntries.Start), 1)];
    }

    public async ValueTask<IReadOnlyDictionary<Fingerprint256, string>> FindTextsAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
    {
        await CallAsync();
        return fingerprints.ToDictionary(fingerprint => fingerprint, _ => "text");
    }

    public async ValueTask UpsertAsync(IndexedQuestion question, ReadOnlyMemory<float> vector, CancellationToken cancellationToken)
        => await CallAsync();

    public async ValueTask RemoveAsync(Fingerprint256 partition, Fingerprint256 fingerprint, CancellationToken cancellationToken)
        => await CallAsync();

    private Task CallAsync()
    {
        Calls++;
        return Behaviour();
    }
}
