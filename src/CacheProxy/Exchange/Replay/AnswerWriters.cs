using CacheProxy.Exchange.Answers;

namespace CacheProxy.Exchange.Replay;

/// <summary>Writes a canonical answer in the dialect and mode that a client asked for.</summary>
public static class AnswerWriters
{
    /// <summary>Whether the answer has an exact form there: what cannot be said in the dialect, or was not recorded, is not made up.</summary>
    public static bool CanWrite(CanonicalAnswer answer, Dialect dialect, bool isStream, bool includeUsage)
        => dialect == Dialect.OpenAIChat
            && answer.Body.Dialect == dialect
            && ((isStream && !includeUsage) || answer.Events.Any(item => item is AnswerEvent.Usage));

    /// <summary>One JSON object.</summary>
    public static byte[] ToObject(CanonicalAnswer answer, Dialect dialect)
        => dialect == Dialect.OpenAIChat ? ChatAnswerWriter.ToObject(answer) : throw Unsupported(dialect);

    /// <summary>Server-sent events.</summary>
    /// <param name="includeUsage">For chat and completions: the client asked for the usage chunk.</param>
    public static byte[] ToStream(CanonicalAnswer answer, Dialect dialect, bool includeUsage)
        => dialect == Dialect.OpenAIChat ? ChatAnswerWriter.ToStream(answer, includeUsage) : throw Unsupported(dialect);

    private static NotSupportedException Unsupported(Dialect dialect) => new($"No answer is written as {dialect}.");
}
