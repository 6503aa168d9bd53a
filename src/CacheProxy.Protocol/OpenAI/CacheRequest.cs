using System.Diagnostics.CodeAnalysis;

namespace CacheProxy.Protocol.OpenAI;

/// <summary>Body of the backend's <c>POST /v1/cache/*</c>: which model, which salt, which prompt. Not OpenAI's; its fields are named as there.</summary>
public sealed record CacheRequest
{
    /// <summary>Null: the only chat model.</summary>
    public string? Model { get; init; }

    /// <summary>Null: the field is absent, which means all salts where that makes sense and the empty one otherwise.</summary>
    public string? Salt { get; init; }

    /// <summary><c>prompt</c>; null where <c>messages</c> are given or neither.</summary>
    public TextInput? Prompt { get; init; }

    /// <summary><c>messages</c>; null where they are not given.</summary>
    public IReadOnlyList<ChatMessage>? Messages { get; init; }

    /// <summary><c>tools</c> that the prompt shows beside the messages.</summary>
    public IReadOnlyList<ToolDefinition> Tools { get; init; } = [];

    /// <summary><c>ttl_seconds</c> of a pin.</summary>
    public TimeSpan? Ttl { get; init; }

    /// <param name="error">What is wrong, the field named.</param>
    public static bool TryParse(ReadOnlyMemory<byte> body, [NotNullWhen(true)] out CacheRequest? request, [NotNullWhen(false)] out RequestError? error)
        => RequestBody.TryParse(body, Parse, out request, out error);

    private static CacheRequest? Parse(FieldReader fields)
    {
        bool hasMessages = fields.Any("messages") is not null;
        IReadOnlyList<TextInput>? prompts = fields.Any("prompt") is null ? null : TextInputParser.Parse(fields, "prompt");
        if (prompts is { Count: > 1 } || (prompts is not null && hasMessages))
        {
            fields.Fail(RequestError.InvalidValue("prompt", "one prompt, or messages instead, is what can be asked about."));
        }

        return new CacheRequest
        {
            Model = fields.Text("model"),
            Salt = fields.Text("salt"),
            Prompt = prompts is [var prompt] ? prompt : null,
            Messages = hasMessages ? ChatMessageParser.Parse(fields) : null,
            Tools = ChatCompletionRequestParser.ParseTools(fields),
            Ttl = fields.Number("ttl_seconds", 1, 366 * 86400.0) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
    }
}
