using System.Buffers;
using System.Text.Json;
using CacheProxy.Exchange.Answers;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Exchange.Replay;

/// <summary>Writes a canonical answer as a chat completion: one object, or a stream of chunks. What the provider sent as JSON goes out verbatim.</summary>
public static class ChatAnswerWriter
{
    public static byte[] ToObject(CanonicalAnswer answer)
    {
        var buffer = new ArrayBufferWriter<byte>(answer.Body.Bytes.Length + 256);
        using var json = new Utf8JsonWriter(buffer, OpenAIJson.WriterOptions);
        json.WriteStartObject();
        WriteHead(json, answer, "chat.completion"u8);
        json.WriteStartArray("choices"u8);
        foreach (IGrouping<int, AnswerEvent> choice in answer.Events.Where(e => e is not AnswerEvent.Usage).GroupBy(ChoiceOf).OrderBy(g => g.Key))
        {
            ChatChoiceWriter.Write(json, choice.Key, [.. choice]);
        }

        json.WriteEndArray();
        if (answer.Events.OfType<AnswerEvent.Usage>().LastOrDefault() is { } usage)
        {
            json.WritePropertyName("usage"u8);
            json.WriteRawValue(usage.Json);
        }

        WriteTail(json, answer);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <param name="includeUsage">The client asked for the usage chunk; it is written where the answer has one.</param>
    public static byte[] ToStream(CanonicalAnswer answer, bool includeUsage)
    {
        var buffer = new ArrayBufferWriter<byte>(answer.Body.Bytes.Length * 2 + 512);
        using var json = new Utf8JsonWriter(buffer, OpenAIJson.WriterOptions);
        var begun = new HashSet<int>();
        IReadOnlyList<AnswerEvent> events = answer.Events;
        for (int i = 0; i < events.Count; i++)
        {
            if (events[i] is AnswerEvent.Usage usage)
            {
                if (includeUsage)
                {
                    WriteChunk(buffer, json, answer, null, null, usage, includeUsage);
                }

                continue;
            }

            if (begun.Add(ChoiceOf(events[i])))
            {
                WriteRole(buffer, json, answer, ChoiceOf(events[i]), includeUsage);
            }

            // Log probabilities belong to the text in front of them: both leave in one chunk, as they came.
            bool hasLogProbs = i + 1 < events.Count && events[i] is not AnswerEvent.LogProbs
                && events[i + 1] is AnswerEvent.LogProbs next && next.Choice == ChoiceOf(events[i]);
            WriteChunk(buffer, json, answer, events[i], hasLogProbs ? (AnswerEvent.LogProbs)events[i + 1] : null, null, includeUsage);
            i += hasLogProbs ? 1 : 0;
        }

        buffer.Write("data: [DONE]\n\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    // The first chunk of a choice says what is to come: empty text, or none at all for a message of tool calls.
    private static void WriteRole(ArrayBufferWriter<byte> buffer, Utf8JsonWriter json, CanonicalAnswer answer, int choice, bool includeUsage)
    {
        bool hasText = answer.Events.Any(item => item is AnswerEvent.TextDelta text && text.Choice == choice);
        AnswerEvent first = hasText ? new AnswerEvent.TextDelta(choice, "") : new AnswerEvent.RefusalDelta(choice, "");
        WriteChunk(buffer, json, answer, first, null, null, includeUsage, isFirst: true);
    }

    private static void WriteChunk(
        ArrayBufferWriter<byte> buffer, Utf8JsonWriter json, CanonicalAnswer answer, AnswerEvent? item, AnswerEvent.LogProbs? logProbs,
        AnswerEvent.Usage? usage, bool includeUsage, bool isFirst = false)
    {
        buffer.Write("data: "u8);
        json.Reset(buffer);
        json.WriteStartObject();
        WriteHead(json, answer, "chat.completion.chunk"u8);
        json.WriteStartArray("choices"u8);
        if (item is not null)
        {
            ChatChoiceWriter.WriteDelta(json, item, logProbs ?? item as AnswerEvent.LogProbs, isFirst);
        }

        json.WriteEndArray();
        WriteTail(json, answer);
        if (includeUsage)
        {
            json.WritePropertyName("usage"u8);
            json.WriteRawValue(usage?.Json ?? "null");
        }

        json.WriteEndObject();
        json.Flush();
        buffer.Write("\n\n"u8);
    }

    private static void WriteHead(Utf8JsonWriter json, CanonicalAnswer answer, ReadOnlySpan<byte> kind)
    {
        json.WriteString("id"u8, answer.UpstreamId);
        json.WriteString("object"u8, kind);
        json.WriteNumber("created"u8, answer.CreatedUnixSeconds);
        json.WriteString("model"u8, answer.Model);
    }

    private static void WriteTail(Utf8JsonWriter json, CanonicalAnswer answer)
    {
        if (answer.SystemFingerprint is { } fingerprint)
        {
            json.WriteString("system_fingerprint"u8, fingerprint);
        }
    }

    private static int ChoiceOf(AnswerEvent item) => item switch
    {
        AnswerEvent.TextDelta e => e.Choice,
        AnswerEvent.ReasoningDelta e => e.Choice,
        AnswerEvent.RefusalDelta e => e.Choice,
        AnswerEvent.ToolCallDelta e => e.Choice,
        AnswerEvent.Annotation e => e.Choice,
        AnswerEvent.LogProbs e => e.Choice,
        AnswerEvent.Finish e => e.Choice,
        _ => throw new InvalidOperationException($"{item.GetType().Name} belongs to no choice."),
    };
}
