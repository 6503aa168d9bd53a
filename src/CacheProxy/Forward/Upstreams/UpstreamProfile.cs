using CacheProxy.Exchange;

namespace CacheProxy.Forward.Upstreams;

/// <summary>The defaults of each kind of upstream, from the providers' references. A setting of the upstream's own goes before each.</summary>
internal sealed record UpstreamProfile
{
    private const string Bearer = "Authorization";
    private const string ModelList = "/v1/models";
    private const string Health = "/health";

    private static readonly Dialect[] OpenAIDialects =
        [Dialect.OpenAIChat, Dialect.OpenAICompletions, Dialect.OpenAIEmbeddings, Dialect.OpenAIResponses];

    private static readonly Dialect[] AllDialects = Enum.GetValues<Dialect>();

    public required UpstreamKind Kind { get; init; }

    /// <summary>Carries the key.</summary>
    public string KeyHeader { get; private init; } = Bearer;

    public IReadOnlyList<Dialect> Dialects { get; private init; } = AllDialects;

    /// <summary>Knows <c>stream_options.include_usage</c>; others may refuse a field that they do not know.</summary>
    public bool ReportsStreamUsage { get; private init; }

    public CacheHint Hint { get; private init; }

    /// <summary>Its usage says what came out of its prefix cache, and nothing of it only where nothing did.</summary>
    public bool TellsCachedTokens => Kind is UpstreamKind.OpenAI or UpstreamKind.Azure or UpstreamKind.Anthropic or UpstreamKind.CacheProxy;

    /// <summary>Asked by health probes; any answer below 500 is life.</summary>
    public string HealthPath { get; private init; } = ModelList;

    /// <summary>A header that every request needs and a client may have set itself.</summary>
    public (string Name, string Value)? RequiredHeader { get; private init; }

    public static UpstreamProfile Of(UpstreamKind kind) => kind switch
    {
        UpstreamKind.OpenAI => new() { Kind = kind, Dialects = OpenAIDialects, ReportsStreamUsage = true, Hint = CacheHint.PromptCacheKey },
        UpstreamKind.Azure => new() { Kind = kind, Dialects = OpenAIDialects, ReportsStreamUsage = true, KeyHeader = "api-key", HealthPath = "/openai/v1/models" },
        UpstreamKind.Anthropic => new() { Kind = kind, Dialects = [Dialect.AnthropicMessages], KeyHeader = "x-api-key", RequiredHeader = ("anthropic-version", "2023-06-01") },
        UpstreamKind.Vllm => new() { Kind = kind, ReportsStreamUsage = true, Hint = CacheHint.CacheSalt, HealthPath = Health },
        UpstreamKind.Sglang or UpstreamKind.LlamaCpp => new() { Kind = kind, ReportsStreamUsage = true, HealthPath = Health },
        UpstreamKind.Ollama => new() { Kind = kind, ReportsStreamUsage = true, HealthPath = "/api/version" },
        UpstreamKind.CacheProxy => new() { Kind = kind, ReportsStreamUsage = true, HealthPath = "/readyz" },
        _ => new() { Kind = kind },
    };
}
