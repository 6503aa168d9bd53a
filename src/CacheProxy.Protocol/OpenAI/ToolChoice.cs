namespace CacheProxy.Protocol.OpenAI;

public enum ToolChoiceKind
{
    /// <summary>The model decides.</summary>
    Auto,

    /// <summary>Text only.</summary>
    None,

    /// <summary>At least one call.</summary>
    Required,

    /// <summary>A call of one function.</summary>
    Function,
}

/// <summary><c>tool_choice</c>.</summary>
/// <param name="Name">Of the one function.</param>
public sealed record ToolChoice(ToolChoiceKind Kind, string? Name = null)
{
    /// <summary><c>allowed_tools</c>: those of the tools that may be called, all of which the model is shown; null: any.</summary>
    public IReadOnlyList<string>? Allowed { get; init; }

    public static ToolChoice Auto { get; } = new(ToolChoiceKind.Auto);
}
