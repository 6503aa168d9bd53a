using System.Buffers;
using System.Text;
using System.Text.Json;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Exchange.Forms;

/// <summary>Reading JSON whose properties may be missing, null or of another type.</summary>
internal static class ElementExtensions
{
    /// <summary>Null: missing, or no string.</summary>
    public static string? Text(this JsonElement element, string name)
        => element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Missing, or no integer: <paramref name="absent"/>.</summary>
    public static long Number(this JsonElement element, string name, long absent)
        => element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : absent;

    /// <summary>Missing, or no object: undefined, which has no properties either.</summary>
    public static JsonElement Child(this JsonElement element, string name)
        => element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Object ? value : Empty;

    /// <summary>Missing, or no list: none.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string name)
        => element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];

    /// <summary>Null, an empty text, list or object: it says nothing.</summary>
    public static bool IsNothing(this JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => true,
        JsonValueKind.String => element.ValueEquals(""),
        JsonValueKind.Array => element.GetArrayLength() == 0,
        JsonValueKind.Object => !element.EnumerateObject().Any(),
        _ => false,
    };

    /// <summary>The JSON on one line, as tools' arguments travel; numbers keep their digits.</summary>
    public static string Compact(this JsonElement element)
    {
        string raw = element.GetRawText();
        if (!raw.Contains('\n', StringComparison.Ordinal))
        {
            return raw;
        }

        var buffer = new ArrayBufferWriter<byte>(raw.Length);
        using (var json = new Utf8JsonWriter(buffer, OpenAIJson.WriterOptions))
        {
            element.WriteTo(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static readonly JsonElement Empty = JsonDocument.Parse("{}").RootElement;
}
