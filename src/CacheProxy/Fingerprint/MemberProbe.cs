using System.Text.Json;

namespace CacheProxy.Fingerprint;

/// <summary>Looks for one member of an object without consuming it.</summary>
internal static class MemberProbe
{
    /// <param name="reader">A copy that stands on the object's first token.</param>
    public static bool IsTrue(Utf8JsonReader reader, ReadOnlySpan<byte> name) => TryFind(ref reader, name) && reader.TokenType == JsonTokenType.True;

    /// <summary>Null: there is no text of that name.</summary>
    /// <param name="reader">A copy that stands on the object's first token.</param>
    public static string? Text(Utf8JsonReader reader, ReadOnlySpan<byte> name)
        => TryFind(ref reader, name) && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;

    private static bool TryFind(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isIt = reader.ValueTextEquals(name);
            reader.Read();
            if (isIt)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }
}
