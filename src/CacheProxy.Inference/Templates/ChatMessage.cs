using System.Text.Json;

namespace CacheProxy.Inference.Templates;

/// <summary>One message of a conversation, as a chat template sees it.</summary>
/// <param name="Role">system, user, assistant, tool, …; the template decides which it knows.</param>
/// <param name="Content">Null where the message only calls tools.</param>
public sealed record ChatMessage(string Role, string? Content)
{
    public string? Name { get; init; }

    /// <summary>The calls of an assistant's message: a JSON array in OpenAI's shape, arguments as an object.</summary>
    public JsonElement? ToolCalls { get; init; }

    /// <summary>Which call a tool's message answers.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>An earlier answer's reasoning.</summary>
    public string? ReasoningContent { get; init; }
}
