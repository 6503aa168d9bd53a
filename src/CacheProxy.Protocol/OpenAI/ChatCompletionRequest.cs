using System.Diagnostics.CodeAnalysis;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Body of <c>POST /v1/chat/completions</c>, checked. Fields that it does not name are ignored.</summary>
public sealed record ChatCompletionRequest
{
    public required string Model { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    public required SamplingParameters Sampling { get; init; }

    public bool Stream { get; init; }

    /// <summary><c>stream_options.include_usage</c>: one more event, with the usage.</summary>
    public bool IncludeUsage { get; init; }

    /// <summary><c>max_completion_tokens</c>, or the older <c>max_tokens</c>; at least 1.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>The name under which the client sent <see cref="MaxTokens"/>.</summary>
    public string MaxTokensParam { get; init; } = "max_completion_tokens";

    /// <summary>Null: no log probabilities; else how many alternatives per token, 0 to 20.</summary>
    public int? TopLogProbs { get; init; }

    public IReadOnlyList<ToolDefinition> Tools { get; init; } = [];

    public ToolChoice ToolChoice { get; init; } = ToolChoice.Auto;

    /// <summary><c>parallel_tool_calls</c>: one answer may hold several calls.</summary>
    public bool ParallelToolCalls { get; init; } = true;

    /// <summary><c>modalities</c>; empty: text.</summary>
    public IReadOnlyList<string> Modalities { get; init; } = [];

    /// <param name="error">What is wrong, the field named.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> body, [NotNullWhen(true)] out ChatCompletionRequest? request, [NotNullWhen(false)] out RequestError? error)
        => RequestBody.TryParse(body, ChatCompletionRequestParser.Parse, out request, out error);
}
