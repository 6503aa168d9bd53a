using System.Text.Json.Serialization;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Answer of <c>POST /v1/completions</c>, and one event of it when streamed.</summary>
public sealed record Completion
{
    public const string ObjectName = "text_completion";

    public required string Id { get; init; }

    public string Object { get; init; } = ObjectName;

    /// <summary>Unix seconds.</summary>
    public required long Created { get; init; }

    public required string Model { get; init; }

    /// <summary>Of prompt 0 all n choices, then of prompt 1, …</summary>
    public required IReadOnlyList<CompletionChoice> Choices { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Usage? Usage { get; init; }

    public string? SystemFingerprint { get; init; }
}

public sealed record CompletionChoice
{
    public required string Text { get; init; }

    public required int Index { get; init; }

    [JsonPropertyName("logprobs")]
    public CompletionLogProbs? LogProbs { get; init; }

    /// <summary>stop, length or content_filter; null in the events of a stream before the last.</summary>
    public required string? FinishReason { get; init; }
}

/// <summary>Log probabilities in the older shape: parallel lists, one element per token; null for the first token of an echoed prompt.</summary>
public sealed record CompletionLogProbs
{
    public required IReadOnlyList<string> Tokens { get; init; }

    [JsonPropertyName("token_logprobs")]
    public required IReadOnlyList<float?> TokenLogProbs { get; init; }

    /// <summary>Token text to log probability, for the likeliest tokens at each position.</summary>
    [JsonPropertyName("top_logprobs")]
    public required IReadOnlyList<IReadOnlyDictionary<string, float>?> TopLogProbs { get; init; }

    /// <summary>Offset of each token in the text, in UTF-16 code units.</summary>
    public required IReadOnlyList<int> TextOffset { get; init; }
}
