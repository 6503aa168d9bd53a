using System.Text.Json;

namespace CacheProxy.Tuning.Settings;

/// <summary>A value in a JSON text and where it stands, in bytes. Comments and trailing commas are allowed, as in the settings file.</summary>
/// <param name="Key">Name of the property; empty for an element and the root.</param>
/// <param name="LineStart">Where its key, or the value if it has none, begins.</param>
/// <param name="Start">First byte of the value.</param>
/// <param name="End">First byte behind it.</param>
internal sealed record JsonSpan(string Key, JsonTokenType Kind, int LineStart, int Start, int End, IReadOnlyList<JsonSpan> Children)
{
    private static readonly JsonReaderOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <exception cref="JsonException">The text is no JSON object.</exception>
    public static JsonSpan Read(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("The settings are no JSON object.");
        }

        JsonSpan root = Read(ref reader, "", (int)reader.TokenStartIndex);
        reader.Read();
        return root;
    }

    /// <summary>The child that a setting's name leads to: a property, whatever its case, or an element by its number.</summary>
    public JsonSpan? Child(string name) => Kind == JsonTokenType.StartArray
        ? int.TryParse(name, out int at) && at >= 0 && at < Children.Count ? Children[at] : null
        : Children.LastOrDefault(child => child.Key.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static JsonSpan Read(ref Utf8JsonReader reader, string key, int lineStart)
    {
        JsonTokenType kind = reader.TokenType;
        int start = (int)reader.TokenStartIndex;
        var children = new List<JsonSpan>();
        if (kind == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                (string name, int at) = (reader.GetString()!, (int)reader.TokenStartIndex);
                reader.Read();
                children.Add(Read(ref reader, name, at));
            }
        }
        else if (kind == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                children.Add(Read(ref reader, "", (int)reader.TokenStartIndex));
            }
        }

        return new JsonSpan(key, kind, lineStart, start, (int)reader.BytesConsumed, children);
    }
}
