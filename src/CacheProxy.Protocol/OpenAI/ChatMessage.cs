namespace CacheProxy.Protocol.OpenAI;

/// <summary>One message of a prompt.</summary>
public sealed record ChatMessage
{
    /// <summary>developer, system, user, assistant, tool or function.</summary>
    public required string Role { get; init; }

    /// <summary>A string counts as one text part; empty for an assistant message that only calls tools.</summary>
    public required IReadOnlyList<ContentPart> Content { get; init; }

    public string? Name { get; init; }

    /// <summary>Of a tool message: the call that it answers.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>Of an assistant message: the calls it made, each with its name and the JSON of its arguments.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>Where the request has it, as in <c>messages[0]</c>: for errors.</summary>
    public string Path { get; init; } = "";

    /// <summary>The text parts, one per line: what engines without other modalities feed to the model.</summary>
    public string Text => Content.Count == 1 ? Content[0].Text ?? "" : string.Join('\n', Content.Where(part => part.Text is not null).Select(part => part.Text));
}

/// <param name="Type">text, refusal, image_url, input_audio, file, …</param>
/// <param name="Text">Of a text or refusal part; null for any other.</param>
public sealed record ContentPart(string Type, string? Text)
{
    /// <summary>Where the request has it, as in <c>messages[0].content[1]</c>: for errors.</summary>
    public string Path { get; init; } = "";

    public static ContentPart OfText(string text) => new("text", text);
}
