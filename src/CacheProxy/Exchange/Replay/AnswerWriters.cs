using System.Buffers;
using System.Text.Json;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Forms;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Exchange.Replay;

/// <summary>
/// Writes a canonical answer in the dialect and mode that a client asked for: in the recorded dialect from the upstream's own JSON, in
/// another from the events.
/// </summary>
public static class AnswerWriters
{
    /// <summary>Whether the answer has an exact form there: what cannot be said in the dialect, or was not recorded, is not made up.</summary>
    public static bool CanWrite(CanonicalAnswer answer, Dialect dialect, bool isStream, bool includeUsage)
    {
        if (dialect == Dialect.OpenAIEmbeddings || answer.Body.Dialect == Dialect.OpenAIEmbeddings)
        {
            return false;
        }

        // Objects of these two always say it, and so do the others' streams.
        bool needsUsage = HasUsageChunk(dialect) && (!isStream || includeUsage);
        bool isAsRecorded = answer.Body.Dialect == dialect && !isStream && !answer.Body.IsStream;
        return (!needsUsage || isAsRecorded || HasUsage(answer)) && (answer.Body.Dialect == dialect || Portability.CanSay(answer, dialect));
    }

    /// <summary>One JSON object.</summary>
    /// <param name="request">Body of the request that is answered: objects of the Responses API say its parameters again.</param>
    public static byte[] ToObject(CanonicalAnswer answer, Dialect dialect, ReadOnlyMemory<byte> request = default)
    {
        RecordedBody recorded = answer.Body;
        if (recorded.Dialect != dialect || recorded.Bytes.IsEmpty)
        {
            return Compose(answer, dialect, request);
        }

        return recorded.IsStream
            ? AnswerForms.TryFold(dialect, recorded.Bytes.Span) ?? throw new InvalidDataException("The recorded stream is not whole.")
            : recorded.Bytes.ToArray();
    }

    /// <summary>Server-sent events.</summary>
    /// <param name="includeUsage">For chat completions and completions: the client asked for the usage chunk.</param>
    /// <param name="request">As for <see cref="ToObject"/>.</param>
    public static byte[] ToStream(CanonicalAnswer answer, Dialect dialect, bool includeUsage, ReadOnlyMemory<byte> request = default)
    {
        RecordedBody recorded = answer.Body;
        if (recorded.Dialect != dialect || recorded.Bytes.IsEmpty || !recorded.IsStream)
        {
            return AnswerForms.ToStream(dialect, ToObject(answer, dialect, request), includeUsage);
        }

        return includeUsage || !HasUsageChunk(dialect) ? recorded.Bytes.ToArray() : Joined(recorded.WithoutUsage);
    }

    internal static bool HasUsageChunk(Dialect dialect) => dialect is Dialect.OpenAIChat or Dialect.OpenAICompletions;

    private static bool HasUsage(CanonicalAnswer answer)
    {
        for (int i = answer.Events.Count - 1; i >= 0; i--)
        {
            if (answer.Events[i] is AnswerEvent.Usage)
            {
                return true;
            }
        }

        return false;
    }

    private static byte[] Joined(ReadOnlyMemory<byte>[] pieces)
    {
        byte[] bytes = new byte[pieces.Sum(piece => piece.Length)];
        int length = 0;
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            piece.CopyTo(bytes.AsMemory(length));
            length += piece.Length;
        }

        return bytes;
    }

    private static byte[] Compose(CanonicalAnswer answer, Dialect dialect, ReadOnlyMemory<byte> request)
    {
        var buffer = new ArrayBufferWriter<byte>(answer.Body.Bytes.Length + 1024);
        using var json = new Utf8JsonWriter(buffer, OpenAIJson.WriterOptions);
        switch (dialect)
        {
            case Dialect.OpenAIChat:
                ChatAnswerWriter.Write(json, answer);
                break;
            case Dialect.OpenAICompletions:
                CompletionsAnswerWriter.Write(json, answer);
                break;
            case Dialect.OpenAIResponses:
                ResponsesAnswerWriter.Write(json, answer, request);
                break;
            case Dialect.AnthropicMessages:
                MessagesAnswerWriter.Write(json, answer);
                break;
            default:
                throw new NotSupportedException($"No answer is written as {dialect}.");
        }

        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
