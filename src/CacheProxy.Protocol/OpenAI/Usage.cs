using System.Text.Json.Serialization;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Tokens that a request took.</summary>
public sealed record Usage
{
    public required long PromptTokens { get; init; }

    public required long CompletionTokens { get; init; }

    public required long TotalTokens { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PromptTokensDetails? PromptTokensDetails { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CompletionTokensDetails? CompletionTokensDetails { get; init; }

    public static Usage Of(long promptTokens, long cachedTokens, long completionTokens) => new()
    {
        PromptTokens = promptTokens,
        CompletionTokens = completionTokens,
        TotalTokens = promptTokens + completionTokens,
        PromptTokensDetails = new PromptTokensDetails { CachedTokens = cachedTokens },
    };
}

public sealed record PromptTokensDetails
{
    /// <summary>Prompt tokens that the backend did not compute again.</summary>
    public long CachedTokens { get; init; }

    public long AudioTokens { get; init; }
}

public sealed record CompletionTokensDetails
{
    public long ReasoningTokens { get; init; }

    public long AudioTokens { get; init; }

    public long AcceptedPredictionTokens { get; init; }

    public long RejectedPredictionTokens { get; init; }
}
