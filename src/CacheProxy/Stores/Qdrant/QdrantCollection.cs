using System.Net;
using System.Text.Json;

namespace CacheProxy.Stores.Qdrant;

/// <summary>
/// Makes sure, once and at the first use, that the collection is there and fits: one unnamed vector of the embedder's
/// size under Cosine, and an index on the fields that filters name.
/// </summary>
internal sealed class QdrantCollection(QdrantClient client, string name, int size)
{
    private const string Distance = "Cosine";

    private static readonly JsonElement TenantKeyword = JsonElement.Parse("""{"type":"keyword","is_tenant":true}""");
    private static readonly JsonElement Keyword = JsonElement.Parse("\"keyword\"");
    private static readonly JsonElement Integer = JsonElement.Parse("\"integer\"");

    private readonly Lock _lock = new();
    private Task? _making;

    public string Name => name;

    /// <exception cref="QdrantException">It is there with another layout, or cannot be made.</exception>
    public ValueTask EnsureAsync(CancellationToken cancellationToken)
    {
        Task making;
        lock (_lock)
        {
            if (_making is null or { IsFaulted: true } or { IsCanceled: true })
            {
                // Not under the caller's budget: making a collection takes Qdrant longer than a request may wait, and
                // begun anew by each request it would never end. The client's own time-out bounds it.
                _making = Task.Run(() => MakeAsync(CancellationToken.None), CancellationToken.None);
            }

            making = _making;
        }

        return making.IsCompletedSuccessfully ? ValueTask.CompletedTask : new ValueTask(making.WaitAsync(cancellationToken));
    }

    /// <summary>The collection is gone: look again before the next use.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _making = null;
        }
    }

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        CollectionInfo? found = await client.GetCollectionAsync(name, cancellationToken);
        if (found is null && !await client.CreateCollectionAsync(name, new VectorParams(size, Distance), cancellationToken))
        {
            // Another proxy was faster.
            found = await client.GetCollectionAsync(name, cancellationToken);
        }

        if (found is not null)
        {
            Check(found);
        }

        // Also where the collection was there: its maker may have died before this, and indexing again is harmless.
        await IndexPartitionAsync(cancellationToken);
        await client.CreatePayloadIndexAsync(name, QdrantVectorIndex.UsableUntilField, Integer, cancellationToken);
    }

    private async Task IndexPartitionAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Points of one partition are kept together on disk (from Qdrant 1.11 on).
            await client.CreatePayloadIndexAsync(name, QdrantVectorIndex.PartitionField, TenantKeyword, cancellationToken);
        }
        catch (QdrantException exception) when (exception.Status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity)
        {
            await client.CreatePayloadIndexAsync(name, QdrantVectorIndex.PartitionField, Keyword, cancellationToken);
        }
    }

    private void Check(CollectionInfo found)
    {
        JsonElement vectors = found.Config?.Params?.Vectors ?? default;
        if (vectors.ValueKind != JsonValueKind.Object
            || !vectors.TryGetProperty("size", out JsonElement foundSize) || !foundSize.TryGetInt32(out int dimensions)
            || !vectors.TryGetProperty("distance", out JsonElement foundDistance))
        {
            throw Refused("has no single unnamed vector");
        }

        if (dimensions != size)
        {
            throw Refused($"holds vectors of {dimensions} dimensions, the embedder makes {size}");
        }

        if (foundDistance.GetString() != Distance)
        {
            throw Refused($"compares by {foundDistance.GetString()}, not by {Distance}");
        }
    }

    private QdrantException Refused(string why) => new(
        null, $"The collection {name} {why}. Name another one in {QdrantOptions.Section}:{nameof(QdrantOptions.Collection)}, or delete it.");
}
