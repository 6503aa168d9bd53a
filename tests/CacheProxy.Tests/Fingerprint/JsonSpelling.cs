using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CacheProxy.Tests.Fingerprint;

/// <summary>Writes one JSON value in many ways: other order of members, white space, escapes and numbers, but none where the model sees the text.</summary>
internal static class JsonSpelling
{
    private static readonly string[] Verbatim = ["tools", "functions", "response_format", "text", "output_format"];

    public static string Write(JsonObject request, Random random)
    {
        var text = new StringBuilder();
        Write(text, request, random, verbatim: false);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonNode? node, Random random, bool verbatim)
    {
        text.Append(' ', random.Next(3)).Append(random.Next(4) == 0 ? "\r\n\t" : "");
        switch (node)
        {
            case JsonObject item:
                KeyValuePair<string, JsonNode?>[] members = [.. item];
                if (!verbatim)
                {
                    random.Shuffle(members);
                }

                text.Append('{');
                foreach ((int index, KeyValuePair<string, JsonNode?> member) in members.Index())
                {
                    text.Append(index > 0 ? "," : "");
                    WriteText(text, member.Key, random);
                    text.Append(':');
                    Write(text, member.Value, random, verbatim || Verbatim.Contains(member.Key));
                }

                text.Append('}');
                break;
            case JsonArray list:
                text.Append('[');
                foreach ((int index, JsonNode? value) in list.Index())
                {
                    text.Append(index > 0 ? "," : "");
                    Write(text, value, random, verbatim);
                }

                text.Append(']');
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                WriteText(text, value.GetValue<string>(), random);
                break;
            case JsonValue value when !verbatim && value.GetValueKind() == JsonValueKind.Number:
                WriteNumber(text, value.ToJsonString(), random);
                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }

        text.Append(' ', random.Next(2));
    }

    private static void WriteNumber(StringBuilder text, string number, Random random)
    {
        decimal value = decimal.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
        text.Append(random.Next(3) switch
        {
            0 when value == decimal.Truncate(value) => number,
            1 => (value * 1000).ToString(CultureInfo.InvariantCulture) + "E-3",
            _ => value.ToString("F4", CultureInfo.InvariantCulture),
        });
    }

    private static void WriteText(StringBuilder text, string value, Random random)
    {
        text.Append('"');
        foreach (char c in value)
        {
            bool must = c is '"' or '\\' or < ' ' || char.IsSurrogate(c);
            text.Append(must || random.Next(3) == 0 ? $"\\u{(int)c:x4}" : c.ToString());
        }

        text.Append('"');
    }
}
