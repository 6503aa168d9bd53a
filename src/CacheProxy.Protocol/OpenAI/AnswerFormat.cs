namespace CacheProxy.Protocol.OpenAI;

public enum AnswerFormatKind
{
    JsonObject,
    JsonSchema,
    Regex,

    /// <summary>One of several texts.</summary>
    Choice,
}

/// <summary>What an answer has to be: <c>response_format</c>, or vLLM's <c>structured_outputs</c> and <c>guided_…</c>.</summary>
/// <param name="Param">The field that asked for it, for errors.</param>
public sealed record AnswerFormat(AnswerFormatKind Kind, string Param)
{
    /// <summary>The schema's JSON, or the pattern.</summary>
    public string Text { get; init; } = "";

    /// <summary>The texts to choose from.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];
}
