using System.Text;
using System.Text.Json;

namespace CacheProxy.Fingerprint;

/// <summary>Writes a turn's content: one text always as a string, and blocks without what only concerns the provider's own cache.</summary>
internal sealed class BlockWriter(TurnRules rules)
{
    public void WriteContent(ref Utf8JsonReader reader, CanonicalBuffer buffer, in ContentProbe content)
    {
        if (content.IsOneText && reader.TokenType == JsonTokenType.StartArray)
        {
            // Still read through, for names that come twice.
            int start = buffer.Length;
            buffer.WriteValue(ref reader, verbatim: false);
            buffer.Truncate(start);
            buffer.WriteByte((byte)'s');
            buffer.WriteBytes(Encoding.UTF8.GetBytes(content.Text!));
            return;
        }

        if (rules.OmitsCacheControl)
        {
            WriteBlocks(ref reader, buffer, verbatim: false);
        }
        else
        {
            buffer.WriteValue(ref reader, verbatim: false);
        }
    }

    /// <summary>A whole turn, its content as <see cref="WriteBlocks"/> has it.</summary>
    /// <param name="reader">Stands on an object.</param>
    public void WriteTurn(ref Utf8JsonReader reader, CanonicalBuffer buffer) => WriteBlock(ref reader, buffer, verbatim: false);

    /// <summary>A list of blocks, or any other value as it is.</summary>
    /// <param name="verbatim">The blocks are definitions that the model sees as they are spelled.</param>
    public void WriteBlocks(ref Utf8JsonReader reader, CanonicalBuffer buffer, bool verbatim)
    {
        if (!rules.OmitsCacheControl || reader.TokenType != JsonTokenType.StartArray)
        {
            buffer.WriteValue(ref reader, verbatim);
            return;
        }

        buffer.WriteByte((byte)'a');
        int countAt = buffer.Length;
        buffer.WriteInt32(0);
        int count = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                WriteBlock(ref reader, buffer, verbatim);
            }
            else
            {
                buffer.WriteValue(ref reader, verbatim);
            }
        }

        buffer.WriteInt32At(countAt, count);
    }

    private void WriteBlock(ref Utf8JsonReader reader, CanonicalBuffer buffer, bool verbatim)
    {
        int first = buffer.BeginObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            int start = buffer.Length;
            ReadOnlySpan<byte> name = buffer.WriteString(ref reader);
            bool isCacheControl = name.SequenceEqual("cache_control"u8);
            bool isContent = !verbatim && name.SequenceEqual("content"u8);
            // A tool's input is the model's own text.
            bool isInput = name.SequenceEqual("input"u8);
            reader.Read();
            if (isCacheControl)
            {
                reader.Skip();
                buffer.Truncate(start);
                continue;
            }

            if (isContent)
            {
                WriteBlocks(ref reader, buffer, verbatim: false);
            }
            else
            {
                buffer.WriteValue(ref reader, verbatim || isInput);
            }

            buffer.AddMember(start);
        }

        buffer.EndObject(first, keepOrder: verbatim, -1);
    }
}
