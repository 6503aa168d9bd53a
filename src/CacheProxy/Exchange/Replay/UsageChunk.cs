using System.Text.Json;

namespace CacheProxy.Exchange.Replay;

/// <summary>
/// What <c>stream_options.include_usage</c> adds to a stream of chat or text completions: one chunk without choices at the end, and, with
/// some providers, <c>"usage":null</c> in all the others. The functions look at the bytes of one event.
/// </summary>
internal static class UsageChunk
{
    // White space that a provider puts between comma, name, colon and value; more than this is not looked for.
    private const int MaxSpace = 8;

    private static ReadOnlySpan<byte> Name => "\"usage\""u8;

    private static ReadOnlySpan<byte> FinishName => "\"finish_reason\""u8;

    /// <summary>The event ends a choice. A quote inside a JSON text is escaped, so the name can stand for nothing but itself.</summary>
    public static bool HasFinish(ReadOnlySpan<byte> item)
    {
        for (int at; (at = item.IndexOf(FinishName)) >= 0;)
        {
            item = SkipSpace(item[(at + FinishName.Length)..]);
            if (item is [(byte)':', ..] && SkipSpace(item[1..]) is [(byte)'"', ..])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The event is the chunk that tells the usage and nothing else.</summary>
    public static bool Is(ReadOnlySpan<byte> item)
    {
        int data = item.IndexOf("data:"u8);
        if (data < 0 || item.IndexOf(Name) < 0)
        {
            return false;
        }

        var json = new Utf8JsonReader(item[(data + 5)..]);
        try
        {
            return json.Read() && json.TokenType == JsonTokenType.StartObject && TellsUsageAlone(ref json);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Finds the next <c>,"usage":null</c>.</summary>
    /// <param name="isWhole">False: more bytes of the event follow.</param>
    /// <param name="start">Where it is, or may be once more bytes are there; all in front of it may pass. The length of the span: nowhere.</param>
    /// <param name="length">Its bytes; 0: it is not whole yet.</param>
    public static void FindNull(ReadOnlySpan<byte> item, bool isWhole, out int start, out int length)
    {
        for (int from = 0; item[from..].IndexOf(Name) is var at and >= 0; from += at + Name.Length)
        {
            int comma = item[..(from + at)].TrimEnd(" \t"u8).Length - 1;
            if (comma < 0 || item[comma] != (byte)',')
            {
                continue;
            }

            int end = from + at + Name.Length;
            Match match = MatchNull(item[end..], out int rest);
            if (match == Match.Yes || (match == Match.Open && !isWhole))
            {
                start = comma;
                length = match == Match.Yes ? end + rest - comma : 0;
                return;
            }
        }

        length = 0;
        start = isWhole ? item.Length : OpenEnd(item);
    }

    private static bool TellsUsageAlone(ref Utf8JsonReader json)
    {
        bool hasNoChoice = false, hasUsage = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isChoices = json.ValueTextEquals("choices"u8), isUsage = json.ValueTextEquals("usage"u8);
            json.Read();
            hasUsage |= isUsage && json.TokenType == JsonTokenType.StartObject;
            if (isChoices)
            {
                hasNoChoice = json.TokenType == JsonTokenType.StartArray && json.Read() && json.TokenType == JsonTokenType.EndArray;
                if (!hasNoChoice)
                {
                    return false;
                }
            }
            else
            {
                json.Skip();
            }
        }

        return hasNoChoice && hasUsage;
    }

    private static Match MatchNull(ReadOnlySpan<byte> text, out int length)
    {
        ReadOnlySpan<byte> rest = SkipSpace(text);
        length = 0;
        if (rest.IsEmpty)
        {
            return Match.Open;
        }

        if (rest[0] != (byte)':')
        {
            return Match.No;
        }

        rest = SkipSpace(rest[1..]);
        if (rest.StartsWith("null"u8))
        {
            length = text.Length - rest.Length + 4;
            return Match.Yes;
        }

        return "null"u8.StartsWith(rest) ? Match.Open : Match.No;
    }

    // A comma at the end, with as much of the name behind it as has come.
    private static int OpenEnd(ReadOnlySpan<byte> item)
    {
        int from = Math.Max(0, item.Length - Name.Length - MaxSpace);
        int comma = item[from..].LastIndexOf((byte)',');
        return comma >= 0 && Name.StartsWith(SkipSpace(item[(from + comma + 1)..])) ? from + comma : item.Length;
    }

    private static ReadOnlySpan<byte> SkipSpace(ReadOnlySpan<byte> text) => text.TrimStart(" \t"u8);

    private enum Match
    {
        No,

        /// <summary>What has come fits; the rest has not come.</summary>
        Open,
        Yes,
    }
}
