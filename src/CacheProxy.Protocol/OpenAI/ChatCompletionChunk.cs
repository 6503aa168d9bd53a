using System.Text.Json.Serialization;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>One event of a streamed chat answer, for reading. <see cref="ChatChunkWriter"/> writes them.</summary>
public sealed record ChatCompletionChunk
{
    public const string ObjectName = "chat.completion.chunk";

    public string Id { get; init; } = "";

    public string Object { get; init; } = ObjectName;

    public long Created { get; init; }

    public string Model { get; init; } = "";

    /// <summary>Empty in the usage event.</summary>
    public IReadOnlyList<ChatChunkChoice> Choices { get; init; } = [];

    /// <summary>Null in every event but the last, which comes only where the request asked for it.</summary>
    public Usage? Usage { get; init; }

    public string? SystemFingerprint { get; init; }
}

public sealed record ChatChunkChoice
{
    public int Index { get; init; }

    public ChatDelta Delta { get; init; } = new();

    [JsonPropertyName("logprobs")]
    public ChatLogProbs? LogProbs { get; init; }

    public string? FinishReason { get; init; }
}

/// <summary>What an event adds to the message.</summary>
public sealed record ChatDelta
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Role { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Content { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Refusal { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ToolCall>? ToolCalls { get; init; }
}
