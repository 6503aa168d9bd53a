using System.Text;
using System.Text.Json;

namespace CacheProxy.Fingerprint;

/// <summary>Looks into a message's content without consuming it: its text, and whether there is more than text.</summary>
/// <param name="Text">All text of it; null: there is something else, or nothing.</param>
internal readonly record struct ContentProbe(string? Text, bool HasNonText, bool HasRemote)
{
    /// <param name="reader">A copy that stands on the content's first token.</param>
    public static ContentProbe Inspect(Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new ContentProbe(reader.GetString(), false, false);
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return default;
        }

        var text = new StringBuilder();
        bool plain = true;
        bool hasNonText = false;
        bool hasRemote = false;
        int depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
            {
                plain &= reader.TokenType is JsonTokenType.StartObject or JsonTokenType.EndObject;
                continue;
            }

            bool isPartLevel = reader.CurrentDepth == depth + 2;
            if (isPartLevel && reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                bool isText = IsString(reader, "text"u8);
                hasNonText |= !isText && !IsString(reader, "refusal"u8);
                plain &= isText;
            }
            else if (isPartLevel && reader.ValueTextEquals("text"u8))
            {
                // A part break is a break: "a" + "b" must not read like "ab".
                reader.Read();
                text.Append(text.Length > 0 ? "\n" : "").Append(reader.TokenType == JsonTokenType.String ? reader.GetString() : null);
                plain &= reader.TokenType == JsonTokenType.String;
            }
            else if (reader.ValueTextEquals("url"u8))
            {
                reader.Read();
                hasRemote |= reader.TokenType == JsonTokenType.String && !reader.GetString()!.StartsWith("data:", StringComparison.OrdinalIgnoreCase);
                plain = false;
            }
            else
            {
                plain = false;
            }
        }

        return new ContentProbe(plain && !hasNonText ? text.ToString() : null, hasNonText, hasRemote);
    }

    private static bool IsString(Utf8JsonReader reader, ReadOnlySpan<byte> value)
        => reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(value);
}
