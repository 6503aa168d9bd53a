using System.Globalization;
using System.Net;
using System.Numerics.Tensors;
using CacheProxy.Exchange;
using CacheProxy.SemanticCache;

namespace CacheProxy.Stores.Qdrant;

// A point: id = UUID from the fingerprint's first 128 bits; one unnamed vector; payload
//   partition     64 hex digits, keyword index with is_tenant
//   fingerprint   64 hex digits
//   text          the last user turn
//   usable_until  Unix seconds, integer index
// Semantic Kernel's Qdrant connector reads and writes this layout with a Guid key and HasNamedVectors = false.

/// <summary>Nearest questions in a Qdrant that several proxies share. The collection is made at the first use, whenever Qdrant is up.</summary>
/// <param name="dimensions">Components of every vector: the embedder's.</param>
internal sealed class QdrantVectorIndex(QdrantClient client, QdrantOptions options, int dimensions, TimeProvider time) : IVectorIndex
{
    public const string PartitionField = "partition";
    public const string UsableUntilField = "usable_until";

    private const int RemovedAtOnce = 1000;
    private const int FoundAtOnce = 100;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(10);

    private readonly QdrantCollection _collection = new(client, options.Collection, dimensions);
    private long _nextSweepTicks;

    public string Name => "qdrant";

    public async ValueTask<IReadOnlyList<Neighbour>> SearchAsync(
        Fingerprint256 partition, ReadOnlyMemory<float> vector, int count, float minimumSimilarity, CancellationToken cancellationToken)
    {
        Check(vector.Span);
        DateTimeOffset now = time.GetUtcNow();
        var filter = new QdrantFilter(
        [
            new QdrantCondition(PartitionField, Match: new QdrantMatch(partition.ToString())),
            new QdrantCondition(UsableUntilField, Range: new QdrantRange(Gt: now.ToUnixTimeSeconds())),
        ]);
        var query = new QueryPoints(vector, count, minimumSimilarity, filter, WithPayload: true);
        IReadOnlyList<ScoredPoint> points = await WithCollectionAsync(
            query, static (self, query, token) => self.QueryAsync(query, token), cancellationToken);
        return Neighbours(points, partition, minimumSimilarity, now);
    }

    public async ValueTask UpsertAsync(IndexedQuestion question, ReadOnlyMemory<float> vector, CancellationToken cancellationToken)
    {
        Check(vector.Span);
        var payload = new QuestionPayload(
            question.Partition.ToString(), question.Fingerprint.ToString(), question.Text, question.UsableUntil.ToUnixTimeSeconds());
        QdrantPoint[] points = [new QdrantPoint(PointId(question.Fingerprint), vector, payload)];
        await WithCollectionAsync(
            points,
            static async (self, points, token) =>
            {
                await self.Client.UpsertAsync(self._collection.Name, points, wait: false, token);
                return true;
            },
            cancellationToken);
        await SweepWhenDueAsync(cancellationToken);
    }

    public async ValueTask<IReadOnlyDictionary<Fingerprint256, string>> FindTextsAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
    {
        var texts = new Dictionary<Fingerprint256, string>();
        try
        {
            foreach (Fingerprint256[] some in fingerprints.Chunk(FoundAtOnce))
            {
                foreach (RetrievedPoint point in await client.RetrieveAsync(_collection.Name, [.. some.Select(PointId)], cancellationToken))
                {
                    // An id is made of half the fingerprint: the payload says whose point it is.
                    if (point.Payload is { Text: { } text } payload && Fingerprint256.TryParse(payload.Fingerprint, out Fingerprint256 fingerprint) && some.Contains(fingerprint))
                    {
                        texts[fingerprint] = text;
                    }
                }
            }
        }
        catch (QdrantException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            // No collection yet: nothing is indexed.
            _collection.Forget();
        }

        return texts;
    }

    public ValueTask RemoveAsync(Fingerprint256 partition, Fingerprint256 fingerprint, CancellationToken cancellationToken)
        => RemoveAsync([fingerprint], cancellationToken);

    public async ValueTask RemoveAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
    {
        try
        {
            foreach (Fingerprint256[] some in fingerprints.Chunk(RemovedAtOnce))
            {
                await client.DeleteAsync(_collection.Name, new SelectPoints([.. some.Select(PointId)]), wait: true, cancellationToken);
            }
        }
        catch (QdrantException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            // No collection, so no point: it is not there, which was asked for.
            _collection.Forget();
        }
    }

    /// <summary>A UUID of version 8 (RFC 9562 §5.8) from the fingerprint, so that the same question replaces itself.</summary>
    public static string PointId(Fingerprint256 fingerprint)
    {
        Span<byte> bytes = stackalloc byte[Fingerprint256.SizeBytes];
        fingerprint.CopyTo(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes[..16], bigEndian: true).ToString("D", CultureInfo.InvariantCulture);
    }

    private QdrantClient Client => client;

    private Task<IReadOnlyList<ScoredPoint>> QueryAsync(QueryPoints query, CancellationToken cancellationToken)
        => client.QueryAsync(_collection.Name, query, cancellationToken);

    // A collection that somebody deleted under us is made anew, once per call.
    private async Task<T> WithCollectionAsync<TState, T>(
        TState state, Func<QdrantVectorIndex, TState, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        await _collection.EnsureAsync(cancellationToken);
        try
        {
            return await call(this, state, cancellationToken);
        }
        catch (QdrantException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            _collection.Forget();
            await _collection.EnsureAsync(cancellationToken);
            return await call(this, state, cancellationToken);
        }
    }

    private static List<Neighbour> Neighbours(
        IReadOnlyList<ScoredPoint> points, Fingerprint256 partition, float minimumSimilarity, DateTimeOffset now)
    {
        var neighbours = new List<Neighbour>(points.Count);
        foreach (ScoredPoint point in points)
        {
            // The filter has said all this; what it lets through by mistake would be somebody else's answer.
            if (point is { Score: { } score, Payload: { Text: { } text, UsableUntil: { } until } payload }
                && score >= minimumSimilarity
                && until > now.ToUnixTimeSeconds() && until <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
                && payload.Partition == partition.ToString()
                && Fingerprint256.TryParse(payload.Fingerprint, out Fingerprint256 fingerprint))
            {
                var question = new IndexedQuestion(partition, fingerprint, text, DateTimeOffset.FromUnixTimeSeconds(until));
                neighbours.Add(new Neighbour(question, score));
            }
        }

        return neighbours;
    }

    // What expired is never found; this only gives its room back. Every proxy does it, and none needs to wait for it.
    private async Task SweepWhenDueAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        long due = Interlocked.Read(ref _nextSweepTicks);
        if (now.UtcTicks < due || Interlocked.CompareExchange(ref _nextSweepTicks, (now + SweepInterval).UtcTicks, due) != due)
        {
            return;
        }

        var expired = new QdrantFilter([new QdrantCondition(UsableUntilField, Range: new QdrantRange(Lte: now.ToUnixTimeSeconds()))]);
        await client.DeleteAsync(_collection.Name, new SelectPoints(Filter: expired), wait: false, cancellationToken);
    }

    // Qdrant accepts a vector with a value beyond float32 and then ranks it first, without a score, in every query.
    private void Check(ReadOnlySpan<float> vector)
    {
        if (vector.Length != dimensions)
        {
            throw new ArgumentException($"The vector has {vector.Length} components, not {dimensions}.", nameof(vector));
        }

        float square = TensorPrimitives.SumOfSquares(vector);
        if (!float.IsFinite(square) || square == 0)
        {
            throw new ArgumentException("The vector has no direction.", nameof(vector));
        }
    }
}
