using System.Text.Json.Serialization;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Answer of <c>POST /v1/chat/completions</c> without streaming.</summary>
public sealed record ChatCompletion
{
    public const string ObjectName = "chat.completion";

    public required string Id { get; init; }

    public string Object { get; init; } = ObjectName;

    /// <summary>Unix seconds.</summary>
    public required long Created { get; init; }

    public required string Model { get; init; }

    public required IReadOnlyList<ChatChoice> Choices { get; init; }

    public Usage? Usage { get; init; }

    public string? SystemFingerprint { get; init; }
}

public sealed record ChatChoice
{
    public required int Index { get; init; }

    public required ChatAnswer Message { get; init; }

    /// <summary>Null is written: the field is required.</summary>
    [JsonPropertyName("logprobs")]
    public ChatLogProbs? LogProbs { get; init; }

    /// <summary>stop, length, tool_calls or content_filter.</summary>
    public required string? FinishReason { get; init; }
}

/// <summary>The assistant's message.</summary>
public sealed record ChatAnswer
{
    public string Role { get; init; } = "assistant";

    public required string? Content { get; init; }

    public string? Refusal { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ToolCall>? ToolCalls { get; init; }
}

/// <summary>A call that the model asks for; in a stream the arguments come in pieces that belong to <see cref="Index"/>.</summary>
public sealed record ToolCall
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Index { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Type { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ToolCallFunction? Function { get; init; }
}

/// <param name="Arguments">JSON text, or a piece of it.</param>
public sealed record ToolCallFunction(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Arguments);
