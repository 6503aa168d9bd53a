using System.Text.Json;
using CacheProxy.Exchange;

namespace CacheProxy.Ledger.Findings;

/// <summary>
/// The first bytes of a prompt in the order in which a model reads them: tools, instructions, turns; every text value, a line feed after each. Two
/// requests have the same head as far as their prompts begin alike.
/// </summary>
internal static class PromptHead
{
    /// <summary>Bytes of a head; what differs later leaves little to be used again.</summary>
    public const int MostBytes = 8192;

    // As deep as Fingerprint reads.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 256 };

    private static readonly byte[][] Common = [[.. "tools"u8], [.. "functions"u8], [.. "system"u8], [.. "instructions"u8]];

    /// <param name="head">At least <see cref="MostBytes"/>.</param>
    /// <param name="textBytes">Of the whole prompt, as it stands in the body.</param>
    /// <returns>Bytes written to <paramref name="head"/>; 0: there is no prompt.</returns>
    public static int Read(ReadOnlySpan<byte> body, Dialect dialect, Span<byte> head, out long textBytes)
    {
        textBytes = 0;
        int written = 0;
        foreach (byte[] field in Common)
        {
            written = Append(body, field, head, written, ref textBytes);
        }

        return Append(body, TurnsOf(dialect), head, written, ref textBytes);
    }

    private static ReadOnlySpan<byte> TurnsOf(Dialect dialect) => dialect switch
    {
        Dialect.OpenAIResponses => "input"u8,
        Dialect.OpenAICompletions => "prompt"u8,
        _ => "messages"u8,
    };

    private static int Append(ReadOnlySpan<byte> body, ReadOnlySpan<byte> field, Span<byte> head, int written, ref long textBytes)
    {
        var reader = new Utf8JsonReader(body, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return written;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isIt = reader.ValueTextEquals(field);
            reader.Read();
            if (isIt)
            {
                return AppendTexts(ref reader, head, written, ref textBytes);
            }

            reader.Skip();
        }

        return written;
    }

    private static int AppendTexts(ref Utf8JsonReader reader, Span<byte> head, int written, ref long textBytes)
    {
        int depth = reader.CurrentDepth;
        do
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                textBytes += reader.ValueSpan.Length + 1;
                written += Copy(ref reader, head[written..MostBytes]);
            }
        }
        while (!(reader.CurrentDepth == depth && reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject)) && reader.Read());
        return written;
    }

    private static int Copy(ref Utf8JsonReader reader, Span<byte> rest)
    {
        ReadOnlySpan<byte> raw = reader.ValueSpan;
        if (raw.Length >= rest.Length)
        {
            // The end of the head: escapes stay as they are, in every prompt alike.
            raw[..rest.Length].CopyTo(rest);
            return rest.Length;
        }

        int length = reader.CopyString(rest);
        rest[length] = (byte)'\n';
        return length + 1;
    }
}
