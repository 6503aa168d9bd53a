using System.Text.Json;

namespace CacheProxy.Exchange.Forms;

/// <summary>
/// The two forms of one answer within its dialect: the events of a stream, and the object that the same request without <c>stream</c> would
/// have got. Works on the JSON that the upstream sent, so that what nobody here knows survives.
/// </summary>
public static class AnswerForms
{
    // Every delta repeats a frame of about 200 bytes, and the Responses API repeats the text four times.
    private const int StreamGrowth = 5;

    /// <summary>Null: the stream is no whole answer of the dialect, or one of its events is an error.</summary>
    public static byte[]? TryFold(Dialect dialect, ReadOnlySpan<byte> stream)
    {
        StreamFold? fold = dialect switch
        {
            Dialect.OpenAIChat => new ChunkFold(isChat: true),
            Dialect.OpenAICompletions => new ChunkFold(isChat: false),
            Dialect.OpenAIResponses => new ResponsesFold(),
            Dialect.AnthropicMessages => new MessagesFold(),
            _ => null,
        };
        try
        {
            return fold?.TryFold(stream);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            // Missing properties and wrong types inside well-formed JSON surface as the latter three.
            return null;
        }
    }

    /// <param name="answer">An object of the dialect that was read as an answer before.</param>
    /// <param name="includeUsage">For chat completions and completions: the client asked for the usage chunk.</param>
    public static byte[] ToStream(Dialect dialect, ReadOnlyMemory<byte> answer, bool includeUsage)
    {
        using JsonDocument document = JsonDocument.Parse(answer);
        JsonElement root = document.RootElement;
        int capacity = (StreamGrowth * answer.Length) + 1024;
        return dialect switch
        {
            Dialect.OpenAIChat => ChatUnfold.ToStream(root, capacity, includeUsage),
            Dialect.OpenAICompletions => CompletionsUnfold.ToStream(root, capacity, includeUsage),
            Dialect.OpenAIResponses => ResponsesUnfold.ToStream(root, capacity),
            Dialect.AnthropicMessages => MessagesUnfold.ToStream(root, capacity),
            _ => throw new NotSupportedException($"{dialect} does not stream."),
        };
    }
}
