namespace CacheProxy.Protocol.OpenAI;

/// <summary>How far a response has come.</summary>
public sealed record ResponseState
{
    public const string InProgress = "in_progress";
    public const string Completed = "completed";
    public const string Incomplete = "incomplete";
    public const string Failed = "failed";

    public required string Status { get; init; }

    /// <summary>Unix seconds; null: it is not completed.</summary>
    public long? CompletedAt { get; init; }

    public IReadOnlyList<ResponseItem> Output { get; init; } = [];

    /// <summary>Null until the end.</summary>
    public Usage? Usage { get; init; }

    /// <summary>Of a failed response.</summary>
    public RequestError? Error { get; init; }

    /// <summary>Why it is incomplete: max_output_tokens or content_filter; null: it is not.</summary>
    public string? IncompleteReason { get; init; }
}
