using System.Buffers;

namespace CacheProxy.Protocol.Sse;

/// <summary>Writes server-sent events. Allocates nothing; text given is split so that whatever it holds, one event stays one event.</summary>
public static class SseWriter
{
    /// <summary>The media type of a stream.</summary>
    public const string ContentType = "text/event-stream";

    /// <summary>The event that ends an OpenAI stream.</summary>
    public static ReadOnlySpan<byte> Done => "data: [DONE]\n\n"u8;

    /// <param name="data">UTF-8; each of its lines becomes a data line.</param>
    public static void WriteData(IBufferWriter<byte> output, ReadOnlySpan<byte> data)
    {
        WriteLines(output, "data: "u8, data);
        output.Write("\n"u8);
    }

    /// <param name="type">Event type: one line.</param>
    /// <exception cref="ArgumentException">The type holds a line end.</exception>
    public static void WriteEvent(IBufferWriter<byte> output, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        if (type.ContainsAny((byte)'\r', (byte)'\n'))
        {
            throw new ArgumentException("An event type is one line.", nameof(type));
        }

        output.Write("event: "u8);
        output.Write(type);
        output.Write("\n"u8);
        WriteData(output, data);
    }

    /// <summary>A comment, which clients ignore: keeps an idle connection open.</summary>
    public static void WriteComment(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        WriteLines(output, ": "u8, text);
        output.Write("\n"u8);
    }

    private static void WriteLines(IBufferWriter<byte> output, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> text)
    {
        while (true)
        {
            int end = text.IndexOfAny((byte)'\r', (byte)'\n');
            output.Write(prefix);
            output.Write(end < 0 ? text : text[..end]);
            output.Write("\n"u8);
            if (end < 0)
            {
                return;
            }

            bool isCrLf = text[end] == (byte)'\r' && end + 1 < text.Length && text[end + 1] == (byte)'\n';
            text = text[(end + (isCrLf ? 2 : 1))..];
        }
    }
}
