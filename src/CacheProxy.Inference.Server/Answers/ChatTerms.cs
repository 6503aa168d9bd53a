namespace CacheProxy.Inference.Server.Answers;

/// <summary>In what the dialects of a chat differ on their way to the engine.</summary>
/// <param name="PromptParam">The field that holds the prompt, for errors.</param>
/// <param name="SchemaPath">Where a tool has the schema of its arguments, for errors.</param>
/// <param name="CallPrefix">What the ids of calls begin with.</param>
internal sealed record ChatTerms(string PromptParam, string SchemaPath, string CallPrefix)
{
    public static ChatTerms Chat { get; } = new("messages", "function.parameters", "call_");

    public static ChatTerms Responses { get; } = new("input", "parameters", "call_");

    /// <summary>Its clients have to name a most of tokens and mostly name one that is large.</summary>
    public static ChatTerms Messages { get; } = new("messages", "input_schema", "toolu_") { CapsMaxTokens = true, ContinuesAnswer = true };

    /// <summary>The oldest turns may be left out of a prompt that is too long.</summary>
    public bool TruncatesPrompt { get; init; }

    /// <summary>An assistant's turn at the end is the beginning of the answer, which goes on from it.</summary>
    public bool ContinuesAnswer { get; init; }

    /// <summary>More tokens than the context has room for may be asked for.</summary>
    public bool CapsMaxTokens { get; init; }
}
