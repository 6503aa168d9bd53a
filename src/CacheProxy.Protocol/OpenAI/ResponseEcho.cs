namespace CacheProxy.Protocol.OpenAI;

/// <summary>
/// The request's settings as a response object repeats them, defaults filled in. Who asked (<c>user</c>, <c>safety_identifier</c>,
/// <c>prompt_cache_key</c>) is not among them: an answer may be given again to somebody else.
/// </summary>
public sealed record ResponseEcho
{
    public string? Instructions { get; init; }

    public int? MaxOutputTokens { get; init; }

    public bool ParallelToolCalls { get; init; } = true;

    public double Temperature { get; init; } = 1;

    public double TopP { get; init; } = 1;

    public int TopLogProbs { get; init; }

    /// <summary>auto or disabled.</summary>
    public string Truncation { get; init; } = "disabled";

    /// <summary>JSON, verbatim.</summary>
    public string Text { get; init; } = """{"format":{"type":"text"}}""";

    /// <summary>JSON, verbatim.</summary>
    public string ToolChoice { get; init; } = "\"auto\"";

    /// <summary>JSON, verbatim.</summary>
    public string Tools { get; init; } = "[]";

    /// <summary>JSON, verbatim.</summary>
    public string Metadata { get; init; } = "{}";
}
