namespace CacheProxy.Record;

/// <summary>Whether an answer became an entry, and if not, why.</summary>
public enum RecordResult
{
    Recorded,

    /// <summary>The status is not 200.</summary>
    NotOk,

    /// <summary>Larger than <c>Exact:MaxAnswerBytes</c>.</summary>
    TooLarge,

    /// <summary>The body is compressed or has another media type than the request's mode calls for.</summary>
    UnknownForm,

    /// <summary>The body cannot be read as an answer of its dialect, carries an error, or is a stream without its end.</summary>
    Malformed,

    /// <summary>A choice has no finish reason, or one that no whole answer has.</summary>
    Incomplete,

    /// <summary>It ended at its token limit, and such answers are not kept.</summary>
    Truncated,

    /// <summary>The provider filtered it.</summary>
    Filtered,

    /// <summary>The arguments of a tool call are not valid JSON.</summary>
    InvalidToolCall,

    /// <summary>What it would be was purged while it was made.</summary>
    Purged,

    /// <summary>It calls tools, and the request's policy does not allow that to be given again.</summary>
    ToolCalls,

    /// <summary>Its TTL is 0, or the upstream forbids to store it where that counts.</summary>
    NoLifetime,

    /// <summary>It says nothing: no text, no refusal, no tool call.</summary>
    Empty,
}
