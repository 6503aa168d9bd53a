using System.Text;
using System.Text.Json.Nodes;

namespace CacheProxy.Inference.Tests.Fuzz;

/// <summary>Damages JSON in its structure: the text stays JSON, what it says does not make sense.</summary>
internal static class JsonMutator
{
    private static readonly string[] s_values =
        ["null", "true", "0", "-1", "1", "2147483647", "2147483648", "-9223372036854775808", "18446744073709551615", "1e308", "0.5", "\"\"", "\"x\"", "\"\\u0000\"", "[]", "[[]]", "{}", "[0,0]", "\"\\ud800\""];

    public static string Mutate(Random random, string source)
    {
        JsonNode root = JsonNode.Parse(source)!;
        string? twice = null;
        for (int change = random.Next(1, 4); change > 0; change--)
        {
            JsonNode parent = Pick(random, root);
            if (parent is JsonObject { Count: > 0 } named)
            {
                string name = named.ElementAt(random.Next(named.Count)).Key;
                switch (random.Next(4))
                {
                    case 0: named.Remove(name); break;
                    case 1: named["x" + random.Next(3)] = named[name]?.DeepClone(); break;
                    case 2: twice = name; break;
                    default: named[name] = JsonValue.Create(Marker(random)); break;
                }
            }
            else if (parent is JsonArray { Count: > 0 } list)
            {
                int at = random.Next(list.Count);
                switch (random.Next(3))
                {
                    case 0: list.RemoveAt(at); break;
                    case 1: list.Add(list[at]?.DeepClone()); break;
                    default: list[at] = JsonValue.Create(Marker(random)); break;
                }
            }
        }

        string text = root.ToJsonString();
        for (int i = 0; i < s_values.Length; i++)
        {
            text = text.Replace($"\"@{i}@\"", s_values[i], StringComparison.Ordinal);
        }

        // A name that occurs twice has no place in a tree.
        int first = twice is null ? -1 : text.IndexOf($"\"{twice}\":", StringComparison.Ordinal);
        return first < 0 ? text : text.Insert(first, $"\"{twice}\":{s_values[random.Next(s_values.Length)]},");
    }

    /// <summary>Either structure or single bytes.</summary>
    public static byte[] MutateFile(Random random, string source) => random.Next(3) > 0
        ? Encoding.UTF8.GetBytes(Mutate(random, source))
        : BytesMutator.Mutate(random, Encoding.UTF8.GetBytes(source), source.Length);

    private static string Marker(Random random) => $"@{random.Next(s_values.Length)}@";

    private static JsonNode Pick(Random random, JsonNode node)
    {
        while (random.Next(4) > 0)
        {
            JsonNode?[] inner = [.. (node switch { JsonObject named => named.Select(pair => pair.Value), JsonArray list => list, _ => [] }).Where(child => child is JsonObject or JsonArray)];
            if (inner.Length == 0)
            {
                break;
            }

            node = inner[random.Next(inner.Length)]!;
        }

        return node;
    }
}
