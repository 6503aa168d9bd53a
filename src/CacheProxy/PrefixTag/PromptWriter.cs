using System.Text.Json;
using CacheProxy.Exchange.Prompts;
using CacheProxy.Fingerprint;

namespace CacheProxy.PrefixTag;

/// <summary>
/// Writes parts of a prompt canonically, and notes where they are marked. What no model reads is left out, so that a turn is the same however a client spells it:
/// marks, members that are null or an empty list, one block of text in place of a string, and the bookkeeping of items (<c>id</c>, <c>status</c>). Not thread-safe.
/// </summary>
internal sealed class PromptWriter
{
    // 'a' or 'o', then how many.
    private const int ListHead = 5;

    // Length and "text", then 's' and the text's length.
    private const int TextName = 8;
    private const int TextHead = 5;

    public CanonicalBuffer Buffer { get; } = new(2 * 1024);

    /// <summary>What the client sends of an answer has the provider's own bookkeeping on it.</summary>
    public bool HasItems { get; set; }

    /// <summary>Of the last block that was written.</summary>
    public PromptMark Mark { get; private set; }

    /// <summary>Some block was marked that another came behind.</summary>
    public bool HasInnerMark { get; private set; }

    /// <summary>The last turn that was written is the application's, not the user's.</summary>
    public bool IsInstructions { get; private set; }

    public void Clear()
    {
        Buffer.Clear();
        (Mark, HasInnerMark, IsInstructions) = (PromptMark.None, false, false);
    }

    /// <summary>Another part begins: what was marked last is a boundary, and has been read.</summary>
    public void BeginPart() => (Mark, IsInstructions) = (PromptMark.None, false);

    /// <summary>A turn that is nothing but a text, in the same form as one that was read.</summary>
    public static void WriteText(CanonicalBuffer buffer, ReadOnlySpan<byte> role, string text)
    {
        int first = buffer.BeginObject();
        int start = buffer.Length;
        buffer.WriteBytes("content"u8);
        buffer.WriteByte((byte)'s');
        buffer.WriteText(text);
        buffer.AddMember(start);
        start = buffer.Length;
        buffer.WriteBytes("role"u8);
        buffer.WriteByte((byte)'s');
        buffer.WriteBytes(role);
        buffer.AddMember(start);
        buffer.EndObject(first, keepOrder: false, -1);
    }

    /// <summary>The turn that the reader stands on.</summary>
    public void WriteTurn(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Buffer.WriteValue(ref reader, verbatim: false);
            return;
        }

        int first = Buffer.BeginObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            WriteMember(ref reader, isTurn: true, out _);
        }

        Buffer.EndObject(first, keepOrder: false, -1);
    }

    /// <summary>Definitions that the model sees as they are spelled: tools.</summary>
    public void WriteDefinitions(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            Buffer.WriteValue(ref reader, verbatim: true);
            return;
        }

        int countAt = BeginList();
        int count = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
        {
            NextBlock();
            WriteDefinition(ref reader);
        }

        Buffer.WriteInt32At(countAt, count);
    }

    /// <summary>A text or a list of blocks: instructions, or the content of a turn.</summary>
    public void WriteContent(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            Buffer.WriteValue(ref reader, verbatim: false);
            return;
        }

        int start = Buffer.Length;
        int countAt = BeginList();
        int count = 0;
        int text = -1;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
        {
            NextBlock();
            text = WriteBlock(ref reader);
        }

        Buffer.WriteInt32At(countAt, count);
        if (count == 1 && text >= 0)
        {
            // One block of text: what is around the text goes.
            int value = start + ListHead + ListHead + TextName;
            Buffer.Truncate(value + TextHead + text);
            Buffer.Cut(start, value);
        }
    }

    private int BeginList()
    {
        Buffer.WriteByte((byte)'a');
        Buffer.WriteInt32(0);
        return Buffer.Length - 4;
    }

    private void NextBlock()
    {
        HasInnerMark |= Mark != PromptMark.None;
        Mark = PromptMark.None;
    }

    private void WriteDefinition(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Buffer.WriteValue(ref reader, verbatim: true);
            return;
        }

        int first = Buffer.BeginObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            int start = Buffer.Length;
            bool isMark = IsMark(Buffer.WriteString(ref reader));
            reader.Read();
            if (isMark)
            {
                ReadMark(ref reader);
                Buffer.Truncate(start);
                continue;
            }

            Buffer.WriteValue(ref reader, verbatim: true);
            Buffer.AddMember(start);
        }

        Buffer.EndObject(first, keepOrder: true, -1);
    }

    /// <returns>Bytes of its text, where it is a block of text and nothing else; else -1.</returns>
    private int WriteBlock(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Buffer.WriteValue(ref reader, verbatim: false);
            return -1;
        }

        int first = Buffer.BeginObject();
        int members = 0;
        int text = -1;
        bool isText = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            switch (WriteMember(ref reader, isTurn: false, out int length))
            {
                case BlockMember.Nothing:
                    continue;
                case BlockMember.Text:
                    text = length;
                    break;
                case BlockMember.TextType:
                    isText = true;
                    break;
            }

            members++;
        }

        Buffer.EndObject(first, keepOrder: false, -1);
        return members == 2 && isText ? text : -1;
    }

    private BlockMember WriteMember(ref Utf8JsonReader reader, bool isTurn, out int length)
    {
        int start = Buffer.Length;
        length = 0;
        ReadOnlySpan<byte> name = Buffer.WriteString(ref reader);
        bool isMark = IsMark(name), isContent = name.SequenceEqual("content"u8), isText = name.SequenceEqual("text"u8), isType = name.SequenceEqual("type"u8);
        // A tool's input is the model's own text.
        bool isInput = name.SequenceEqual("input"u8);
        bool isRole = isTurn && name.SequenceEqual("role"u8);
        bool isBookkeeping = isTurn && HasItems && (name.SequenceEqual("id"u8) || name.SequenceEqual("status"u8));
        reader.Read();
        if (isMark)
        {
            ReadMark(ref reader);
            Buffer.Truncate(start);
            return BlockMember.Nothing;
        }

        bool isString = reader.TokenType == JsonTokenType.String;
        IsInstructions |= isRole && isString && (reader.ValueTextEquals("system"u8) || reader.ValueTextEquals("developer"u8));
        bool isTextType = isType && isString && (reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("input_text"u8) || reader.ValueTextEquals("output_text"u8));
        isBookkeeping |= isTurn && HasItems && isType && isString && reader.ValueTextEquals("message"u8);
        bool isNothing = isBookkeeping || reader.TokenType == JsonTokenType.Null;
        int value = Buffer.Length;
        if (isContent)
        {
            WriteContent(ref reader);
        }
        else
        {
            Buffer.WriteValue(ref reader, verbatim: isInput);
        }

        length = Buffer.Length - value;
        if (isNothing || (length == ListHead && reader.TokenType == JsonTokenType.EndArray && !isContent))
        {
            Buffer.Truncate(start);
            return BlockMember.Nothing;
        }

        Buffer.AddMember(start);
        length -= TextHead;
        return isText && isString ? BlockMember.Text : isTextType ? BlockMember.TextType : BlockMember.Other;
    }

    private static bool IsMark(ReadOnlySpan<byte> name) => name.SequenceEqual("cache_control"u8) || name.SequenceEqual("prompt_cache_breakpoint"u8);

    private void ReadMark(ref Utf8JsonReader reader) => Mark = MarkOf(ref reader);

    /// <summary>Reads over the value of a mark.</summary>
    public static PromptMark MarkOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return PromptMark.None;
        }

        PromptMark mark = PromptMark.Default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isTtl = reader.ValueTextEquals("ttl"u8);
            reader.Read();
            mark = isTtl && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("1h"u8) ? PromptMark.Hour : mark;
            reader.Skip();
        }

        return mark;
    }

    private enum BlockMember
    {
        Nothing,
        Text,
        TextType,
        Other,
    }
}
