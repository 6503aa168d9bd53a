using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CacheProxy.Protocol.Sse;

namespace CacheProxy.Tests.Record;

/// <summary>The events of a stream as JSON, brought to the form in which two streams of one answer are equal however they were cut.</summary>
internal static class StreamEvents
{
    private static readonly string[] Growing = ["delta", "text", "partial_json", "thinking", "signature"];

    public static List<JsonObject> Read(ReadOnlySpan<byte> stream)
    {
        var events = new List<JsonObject>();
        var parser = new SseParser();
        while (parser.TryRead(ref stream, out SseEvent item))
        {
            if (!item.IsDone)
            {
                JsonObject parsed = JsonNode.Parse(item.DataText)!.AsObject();
                // The type stands in both places, and says the same.
                Assert.True(item.Type.IsEmpty || Encoding.UTF8.GetString(item.Type) == (string?)parsed["type"]);
                events.Add(parsed);
            }
        }

        return events;
    }

    /// <summary>Deltas in a row put together, numbers of sequence and heartbeats left out.</summary>
    public static string[] Normal(ReadOnlySpan<byte> stream)
    {
        var result = new List<JsonObject>();
        foreach (JsonObject item in Read(stream).Where(item => (string?)item["type"] != "ping"))
        {
            item.Remove("sequence_number");
            if (result.Count == 0 || !TryMerge(result[^1], item))
            {
                result.Add(item);
            }
        }

        return [.. result.Select(item => JsonSerializer.Serialize(Sorted(item)))];
    }

    private static bool TryMerge(JsonObject before, JsonObject item)
    {
        string type = (string?)item["type"] ?? "";
        if (!type.EndsWith("delta", StringComparison.Ordinal) || type == "message_delta" || type != (string?)before["type"])
        {
            return false;
        }

        // The same place, and the same kind of delta.
        JsonObject left = Holder(before);
        JsonObject right = Holder(item);
        string? field = Growing.FirstOrDefault(name => left[name] is JsonValue && right[name] is JsonValue);
        if (field is null || !SameBut(before, item, left, right, field))
        {
            return false;
        }

        left[field] = (string?)left[field] + (string?)right[field];
        return true;
    }

    private static JsonObject Holder(JsonObject item) => item["delta"] as JsonObject ?? item;

    private static bool SameBut(JsonObject before, JsonObject item, JsonObject left, JsonObject right, string field)
    {
        JsonNode? kept = left[field]!.DeepClone();
        JsonNode? other = right[field]!.DeepClone();
        left.Remove(field);
        right.Remove(field);
        bool isSame = JsonNode.DeepEquals(before, item);
        left[field] = kept;
        right[field] = other;
        return isSame;
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject item => new JsonObject(item.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, Sorted(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
