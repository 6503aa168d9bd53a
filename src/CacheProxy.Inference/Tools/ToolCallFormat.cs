namespace CacheProxy.Inference.Tools;

/// <summary>
/// How a family of models writes tool calls: JSON objects with the function's name and arguments, in its own wrapping. The
/// template that taught the model is what tells the families apart.
/// </summary>
public sealed record ToolCallFormat
{
    private ToolCallFormat(string name, string argumentsKey, string separator)
        => (Name, ArgumentsKey, Separator) = (name, argumentsKey, separator);

    /// <summary><c>&lt;tool_call&gt;{"name": …, "arguments": …}&lt;/tool_call&gt;</c>, anywhere in an answer: Hermes, Qwen and many after them.</summary>
    public static ToolCallFormat Hermes { get; } = new("hermes", "arguments", "\n") { Marker = "<tool_call>", CallOpen = "<tool_call>\n", CallClose = "\n</tool_call>" };

    /// <summary><c>{"name": …, "parameters": …}</c> as the whole answer: Llama 3.1 and later.</summary>
    public static ToolCallFormat Llama { get; } = new("llama3_json", "parameters", "; ") { Prefix = "<|python_tag|>" };

    /// <summary><c>[TOOL_CALLS][{"name": …, "arguments": …}]</c> as the whole answer: Mistral; the marker is mostly a control token and not seen.</summary>
    public static ToolCallFormat Mistral { get; } = new("mistral", "arguments", ", ") { Prefix = "[TOOL_CALLS]", ListOpen = "[", ListClose = "]", IdLength = 9 };

    public string Name { get; }

    /// <summary>The key of the arguments beside <c>name</c>.</summary>
    public string ArgumentsKey { get; }

    /// <summary>Between two calls.</summary>
    public string Separator { get; }

    /// <summary>Where a call begins in the middle of text; null: calls are the whole answer or there are none.</summary>
    public string? Marker { get; private init; }

    /// <summary>What may stand before the first call.</summary>
    public string Prefix { get; private init; } = "";

    public string ListOpen { get; private init; } = "";

    public string ListClose { get; private init; } = "";

    public string CallOpen { get; private init; } = "";

    public string CallClose { get; private init; } = "";

    /// <summary>Characters of a call's id, if the template insists; 0: any.</summary>
    public int IdLength { get; private init; }

    /// <summary>The format that a chat template teaches, or null.</summary>
    public static ToolCallFormat? Find(string templateSource) => templateSource switch
    {
        _ when templateSource.Contains("<tool_call>", StringComparison.Ordinal) && !templateSource.Contains("<function=", StringComparison.Ordinal) => Hermes,

        // The newest writes the name outside of the JSON.
        _ when templateSource.Contains("[TOOL_CALLS]", StringComparison.Ordinal) && !templateSource.Contains("[ARGS]", StringComparison.Ordinal) => Mistral,
        _ when templateSource.Contains("<|python_tag|>", StringComparison.Ordinal) || templateSource.Contains("\"parameters\": dictionary", StringComparison.Ordinal) => Llama,
        _ => null,
    };
}
