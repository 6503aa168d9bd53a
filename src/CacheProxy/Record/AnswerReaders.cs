using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Record;

/// <summary>Reads a recorded body of any dialect and mode into the canonical answer. Runs after the client was served.</summary>
public static class AnswerReaders
{
    /// <summary>Null: it is no answer of its dialect, it carries an error, or its stream has no end.</summary>
    public static CanonicalAnswer? TryRead(RecordedBody body) => body.Dialect switch
    {
        Dialect.OpenAIChat => ChatAnswerReader.TryRead(body),
        _ => null,
    };
}
