using System.Text.Json;
using System.Text.Json.Nodes;

namespace CacheProxy.Tests.Fingerprint;

/// <summary>Requests made at random of a dialect's fields, and changes of anything in them.</summary>
internal static class RandomRequest
{
    public static JsonObject Of(RequestFieldList list, Random random)
    {
        var request = (JsonObject)list.Base.DeepClone();
        // Few fields in most requests, as in life; all of them now and then.
        int chance = random.Next(1, 9);
        foreach (RequestFieldList.Field field in list.Fields.Where(_ => random.Next(9) < chance))
        {
            request[field.Name] = field.Values[random.Next(field.Values.Length)]?.DeepClone();
        }

        return request;
    }

    /// <summary>What of the request counts, with absent values left out: equal for equal requests.</summary>
    public static string Meaning(RequestFieldList list, JsonObject request)
        => string.Join('\n', list.Fields.Where(field => field.IsIn && request.ContainsKey(field.Name)).Select(field => field.Name + request[field.Name]?.ToJsonString()).Order());

    /// <summary>The way to every value in the request, containers too, the request itself left out.</summary>
    public static IEnumerable<string[]> Paths(JsonNode? node) => node switch
    {
        JsonObject item => item.SelectMany(member => Below(member.Key, member.Value)),
        JsonArray list => list.SelectMany((value, index) => Below(index.ToString(), value)),
        _ => [],
    };

    public static void Change(JsonNode root, string[] path, Random random)
    {
        JsonNode parent = root;
        foreach (string step in path[..^1])
        {
            parent = parent is JsonArray list ? list[int.Parse(step)]! : parent[step]!;
        }

        if (parent is JsonArray array)
        {
            array[int.Parse(path[^1])] = Other(array[int.Parse(path[^1])], random);
        }
        else
        {
            parent[path[^1]] = Other(parent[path[^1]], random);
        }
    }

    private static JsonNode Other(JsonNode? value, Random random)
    {
        switch (value)
        {
            case JsonObject item:
                var wider = (JsonObject)item.DeepClone();
                wider["added"] = random.Next(2) == 0 ? null : "x";
                return wider;
            case JsonArray list:
                var longer = (JsonArray)list.DeepClone();
                longer.Add(random.Next());
                return longer;
            case JsonValue text when text.GetValueKind() == JsonValueKind.String:
                return text.GetValue<string>() + (random.Next(2) == 0 ? " " : "x");
            case JsonValue number when number.GetValueKind() == JsonValueKind.Number:
                return number.GetValue<JsonElement>().GetDouble() + 17;
            default:
                return "something";
        }
    }

    private static IEnumerable<string[]> Below(string step, JsonNode? value) => [[step], .. Paths(value).Select(path => (string[])[step, .. path])];
}
