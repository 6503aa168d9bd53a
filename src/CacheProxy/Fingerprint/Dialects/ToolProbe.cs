using System.Text.Json;

namespace CacheProxy.Fingerprint.Dialects;

/// <summary>Looks into a list of tools without consuming it.</summary>
internal static class ToolProbe
{
    /// <summary>Some tool runs at the provider: what it brings is not in the request and differs from one day to the next.</summary>
    /// <param name="reader">A copy that stands on the list's first token.</param>
    /// <param name="isClientSide">By the tool's <c>type</c>; null: it has none.</param>
    public static bool HasHosted(Utf8JsonReader reader, Func<string?, bool> isClientSide)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        int depth = reader.CurrentDepth;
        string? type = null;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName when reader.CurrentDepth == depth + 2:
                    bool isType = reader.ValueTextEquals("type"u8);
                    reader.Read();
                    type = isType ? reader.TokenType == JsonTokenType.String ? reader.GetString() : "" : type;
                    reader.Skip();
                    break;
                case JsonTokenType.EndObject when reader.CurrentDepth == depth + 1:
                    if (!isClientSide(type))
                    {
                        return true;
                    }

                    type = null;
                    break;
            }
        }

        return false;
    }
}
