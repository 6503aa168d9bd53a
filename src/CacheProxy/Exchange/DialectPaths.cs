namespace CacheProxy.Exchange;

/// <summary>The paths of the dialects, each a <c>POST</c>. Letter case does not matter; a trailing slash is another path, which the upstream judges.</summary>
public static class DialectPaths
{
    private static readonly PathString Messages = "/v1/messages";
    private static readonly PathString Models = "/v1/models";

    /// <summary>False: no dialect has this path.</summary>
    public static bool TryFind(PathString path, out Dialect dialect)
    {
        // Told apart by length before anything is compared: every request comes by here.
        ReadOnlySpan<char> text = path.Value;
        (string? expected, dialect) = text.Length switch
        {
            20 => ("/v1/chat/completions", Dialect.OpenAIChat),
            15 => ("/v1/completions", Dialect.OpenAICompletions),
            14 => ("/v1/embeddings", Dialect.OpenAIEmbeddings),
            13 => ("/v1/responses", Dialect.OpenAIResponses),
            12 => (Messages.Value, Dialect.AnthropicMessages),
            _ => (null, default),
        };
        return expected is not null && text.Equals(expected, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Errors under this path have Anthropic's shape; all others have OpenAI's.</summary>
    public static bool IsAnthropic(PathString path) => path.StartsWithSegments(Messages, StringComparison.OrdinalIgnoreCase);

    /// <summary>As above; what both APIs have under one path is told by the header that Anthropic's clients always send.</summary>
    public static bool IsAnthropic(HttpRequest request) => IsAnthropic(request.Path)
        || (request.Path.StartsWithSegments(Models, StringComparison.OrdinalIgnoreCase) && request.Headers.ContainsKey("anthropic-version"));
}
