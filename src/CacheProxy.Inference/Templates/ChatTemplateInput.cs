using System.Text.Json;

namespace CacheProxy.Inference.Templates;

/// <summary>What a chat template renders.</summary>
public sealed record ChatTemplateInput
{
    /// <summary>At least one.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>A JSON array of tool definitions; only for a template with <see cref="ChatTemplate.SupportsTools"/>.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>End with the head of the assistant's turn.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>Text with which the assistant's turn has begun already; the answer goes on from it. Null: it begins anew.</summary>
    public string? AnswerStart { get; init; }

    /// <summary>A JSON object of further variables, such as <c>enable_thinking</c>.</summary>
    public JsonElement? Variables { get; init; }
}
