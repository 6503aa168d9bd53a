using System.Text.Json;
using System.Text.Json.Serialization;

namespace CacheProxy.Stores.Qdrant;

// The bodies of the requests that QdrantClient sends and of the answers it reads, as Qdrant's OpenAPI file names them.

internal sealed record CreateCollection(VectorParams Vectors);

/// <param name="Distance">Cosine, Dot, Euclid or Manhattan.</param>
internal sealed record VectorParams(int Size, string Distance);

/// <param name="FieldSchema">A type's name, or a type with options.</param>
internal sealed record CreateFieldIndex(string FieldName, JsonElement FieldSchema);

internal sealed record UpsertPoints(IReadOnlyList<QdrantPoint> Points);

/// <param name="Id">A UUID.</param>
internal sealed record QdrantPoint(string Id, ReadOnlyMemory<float> Vector, QuestionPayload Payload);

/// <summary>What a point says of its question. The fields are flat and of the types that Semantic Kernel's connector maps.</summary>
/// <param name="UsableUntil">Unix seconds.</param>
internal sealed record QuestionPayload(string? Partition, string? Fingerprint, string? Text, long? UsableUntil);

internal sealed record QueryPoints(
    ReadOnlyMemory<float> Query, int Limit, float? ScoreThreshold, QdrantFilter? Filter, bool? WithPayload);

/// <summary>All conditions hold.</summary>
internal sealed record QdrantFilter(IReadOnlyList<QdrantCondition> Must);

/// <summary>One of match and range.</summary>
internal sealed record QdrantCondition(string Key, QdrantMatch? Match = null, QdrantRange? Range = null);

internal sealed record QdrantMatch(string Value);

internal sealed record QdrantRange(double? Gt = null, double? Gte = null, double? Lt = null, double? Lte = null);

/// <summary>Points by their ids, or by a filter.</summary>
internal sealed record SelectPoints(IReadOnlyList<string>? Points = null, QdrantFilter? Filter = null);

internal sealed record RetrievePoints(IReadOnlyList<string> Ids, bool WithPayload, bool WithVector);

internal sealed record RetrievedPoint(QuestionPayload? Payload);

internal sealed record CountPoints(bool Exact, QdrantFilter? Filter = null);

/// <summary>Every answer with a body.</summary>
internal sealed record QdrantAnswer<T>(T? Result);

internal sealed record ExistsResult(bool Exists);

internal sealed record CountResult(long Count);

internal sealed record UpdateResult(string? Status);

internal sealed record QueryResult(IReadOnlyList<ScoredPoint>? Points);

/// <param name="Score">Null where a stored or asked vector overflowed: never a match.</param>
internal sealed record ScoredPoint(float? Score, QuestionPayload? Payload);

internal sealed record CollectionInfo(string? Status, long? PointsCount, CollectionConfig? Config);

internal sealed record CollectionConfig(CollectionParams? Params);

/// <param name="Vectors">One vector's parameters, or an object of named ones.</param>
internal sealed record CollectionParams(JsonElement Vectors);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateCollection))]
[JsonSerializable(typeof(CreateFieldIndex))]
[JsonSerializable(typeof(UpsertPoints))]
[JsonSerializable(typeof(QueryPoints))]
[JsonSerializable(typeof(SelectPoints))]
[JsonSerializable(typeof(CountPoints))]
[JsonSerializable(typeof(RetrievePoints))]
[JsonSerializable(typeof(QdrantAnswer<IReadOnlyList<RetrievedPoint>>))]
[JsonSerializable(typeof(QdrantAnswer<bool>))]
[JsonSerializable(typeof(QdrantAnswer<ExistsResult>))]
[JsonSerializable(typeof(QdrantAnswer<CountResult>))]
[JsonSerializable(typeof(QdrantAnswer<UpdateResult>))]
[JsonSerializable(typeof(QdrantAnswer<QueryResult>))]
[JsonSerializable(typeof(QdrantAnswer<CollectionInfo>))]
internal sealed partial class QdrantJson : JsonSerializerContext;
