using System.Text.Json;
using CacheProxy.Exchange.Answers;
using CacheProxy.Protocol.Sse;

namespace CacheProxy.Record;

/// <summary>Reads a chat answer, one object or a stream of chunks, into its canonical form. Runs after the client was served.</summary>
public static class ChatAnswerReader
{
    /// <summary>Null: it is no chat answer, it carries an error, or its stream has no end.</summary>
    public static CanonicalAnswer? TryRead(RecordedBody body)
    {
        var builder = new ChatAnswerBuilder();
        try
        {
            bool isWhole = body.IsStream ? ReadStream(body.Bytes.Span, builder) : ReadObject(body.Bytes, builder);
            return isWhole ? builder.Build(body) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            // Wrong types inside well-formed JSON surface as the latter two.
            return null;
        }
    }

    private static bool ReadObject(ReadOnlyMemory<byte> bytes, ChatAnswerBuilder builder)
    {
        using JsonDocument document = JsonDocument.Parse(bytes);
        return builder.TryAdd(document.RootElement, "message");
    }

    private static bool ReadStream(ReadOnlySpan<byte> bytes, ChatAnswerBuilder builder)
    {
        var parser = new SseParser();
        bool isDone = false;
        while (parser.TryRead(ref bytes, out SseEvent item))
        {
            if (item.IsDone)
            {
                isDone = true;
                continue;
            }

            if (item.Data.IsEmpty)
            {
                continue;
            }

            using JsonDocument document = JsonDocument.Parse(item.Data.ToArray());
            if (isDone || !builder.TryAdd(document.RootElement, "delta"))
            {
                return false;
            }
        }

        return isDone;
    }
}
