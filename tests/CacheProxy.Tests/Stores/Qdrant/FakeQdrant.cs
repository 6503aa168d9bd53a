using System.Text.Json;

namespace CacheProxy.Tests.Stores.Qdrant;

/// <summary>Collections and points in memory, with Qdrant's answers to the calls that the index makes. Exact cosine search.</summary>
internal sealed class FakeQdrant
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Collection> _collections = [];

    /// <summary>Refuses <c>is_tenant</c>, as versions before 1.11 do.</summary>
    public bool IsOld { get; set; }

    public int Count(string collection)
    {
        lock (_lock)
        {
            return _collections[collection].Points.Count;
        }
    }

    public string[] Indexes(string collection)
    {
        lock (_lock)
        {
            return [.. _collections[collection].Indexes.Order()];
        }
    }

    public JsonElement[] Points(string collection)
    {
        lock (_lock)
        {
            return [.. _collections[collection].Points.Values];
        }
    }

    public void Drop(string collection)
    {
        lock (_lock)
        {
            _collections.Remove(collection);
        }
    }

    public StubReply Answer(StubRequest request)
    {
        lock (_lock)
        {
            string[] path = request.Path.Trim('/').Split('/');
            string name = path[1];
            string action = $"{request.Method} {string.Join('/', path[2..])}".TrimEnd();
            JsonElement body = request.Body.Length == 0 ? default : JsonDocument.Parse(request.Body).RootElement;
            if (action == "PUT")
            {
                return _collections.TryAdd(name, new Collection(body.GetProperty("vectors").Clone()))
                    ? StubReply.Ok("true")
                    : StubReply.Error(409, $"Wrong input: Collection `{name}` already exists!");
            }

            return _collections.TryGetValue(name, out Collection? collection)
                ? Answer(action, collection, body)
                : StubReply.Error(404, $"Not found: Collection `{name}` doesn't exist!");
        }
    }

    private StubReply Answer(string action, Collection collection, JsonElement body) => action switch
    {
        "GET" => StubReply.Ok(
            $$$"""{"status":"green","config":{"params":{"vectors": {{{collection.Vectors.GetRawText()}}} } } }"""),
        "PUT index" => Index(collection, body),
        "PUT points" => Upsert(collection, body),
        "POST points" => Retrieve(collection, body),
        "POST points/query" => Query(collection, body),
        "POST points/delete" => Delete(collection, body),
        _ => new StubReply(404, "", null),
    };

    private StubReply Index(Collection collection, JsonElement body)
    {
        bool isTenant = body.GetProperty("field_schema").ValueKind == JsonValueKind.Object;
        if (isTenant && IsOld)
        {
            return StubReply.Error(400, "Format error in JSON body: unknown field is_tenant");
        }

        collection.Indexes.Add($"{body.GetProperty("field_name")}{(isTenant ? " tenant" : "")}");
        return StubReply.Ok("""{"operation_id":1,"status":"completed"}""");
    }

    private static StubReply Upsert(Collection collection, JsonElement body)
    {
        int size = collection.Vectors.GetProperty("size").GetInt32();
        foreach (JsonElement point in body.GetProperty("points").EnumerateArray())
        {
            int length = point.GetProperty("vector").GetArrayLength();
            if (length != size)
            {
                return StubReply.Error(400, $"Wrong input: Vector dimension error: expected dim: {size}, got {length}");
            }

            collection.Points[point.GetProperty("id").GetString()!] = point.Clone();
        }

        return StubReply.Ok("""{"operation_id":1,"status":"acknowledged"}""");
    }

    private static StubReply Retrieve(Collection collection, JsonElement body)
    {
        IEnumerable<string> points = body.GetProperty("ids").EnumerateArray().Select(id => collection.Points.GetValueOrDefault(id.GetString()!))
            .Where(point => point.ValueKind == JsonValueKind.Object)
            .Select(point => JsonSerializer.Serialize(new { id = point.GetProperty("id"), payload = point.GetProperty("payload") }));
        return StubReply.Ok($"[{string.Join(',', points)}]");
    }

    private static StubReply Query(Collection collection, JsonElement body)
    {
        double[] asked = Unit(body.GetProperty("query"));
        double threshold = body.TryGetProperty("score_threshold", out JsonElement least) ? least.GetDouble() : double.MinValue;
        IEnumerable<string> points = collection.Points.Values
            .Where(point => Fits(body, point))
            .Select(point => (Point: point, Score: asked.Zip(Unit(point.GetProperty("vector")), static (a, b) => a * b).Sum()))
            .Where(scored => scored.Score >= threshold)
            .OrderByDescending(scored => scored.Score)
            .Take(body.GetProperty("limit").GetInt32())
            .Select(scored => JsonSerializer.Serialize(new
            {
                id = scored.Point.GetProperty("id"),
                version = 1,
                score = (float)scored.Score,
                payload = scored.Point.GetProperty("payload"),
            }));
        return StubReply.Ok($$"""{"points":[{{string.Join(',', points)}}]}""");
    }

    private static StubReply Delete(Collection collection, JsonElement body)
    {
        string[] ids = body.TryGetProperty("points", out JsonElement named)
            ? [.. named.EnumerateArray().Select(id => id.GetString()!)]
            : [.. collection.Points.Where(point => Fits(body, point.Value)).Select(point => point.Key)];
        Array.ForEach(ids, id => collection.Points.Remove(id));
        return StubReply.Ok("""{"operation_id":1,"status":"completed"}""");
    }

    private static bool Fits(JsonElement body, JsonElement point)
        => !body.TryGetProperty("filter", out JsonElement filter)
        || filter.GetProperty("must").EnumerateArray().All(condition => Holds(condition, point.GetProperty("payload")));

    private static bool Holds(JsonElement condition, JsonElement payload)
    {
        if (!payload.TryGetProperty(condition.GetProperty("key").GetString()!, out JsonElement value))
        {
            return false;
        }

        return condition.TryGetProperty("match", out JsonElement match)
            ? JsonElement.DeepEquals(match.GetProperty("value"), value)
            : condition.GetProperty("range").EnumerateObject().All(bound => bound.Name switch
            {
                "gt" => value.GetDouble() > bound.Value.GetDouble(),
                "lte" => value.GetDouble() <= bound.Value.GetDouble(),
                _ => throw new NotSupportedException(bound.Name),
            });
    }

    private static double[] Unit(JsonElement vector)
    {
        double[] values = [.. vector.EnumerateArray().Select(value => value.GetDouble())];
        double length = Math.Sqrt(values.Sum(value => value * value));
        return [.. values.Select(value => value / length)];
    }

    private sealed class Collection(JsonElement vectors)
    {
        public JsonElement Vectors => vectors;

        public HashSet<string> Indexes { get; } = [];

        public Dictionary<string, JsonElement> Points { get; } = [];
    }
}
