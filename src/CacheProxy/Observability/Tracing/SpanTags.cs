using System.Diagnostics;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Observability.Tracing;

/// <summary>
/// Names of the spans' attributes: OpenTelemetry's conventions for HTTP and for generative AI, and our own. None holds a text of the client's, a key, a query or an
/// address of a client.
/// </summary>
public static class SpanTags
{
    public const string Operation = "gen_ai.operation.name";
    public const string Provider = "gen_ai.provider.name";
    public const string RequestModel = "gen_ai.request.model";
    public const string ResponseModel = "gen_ai.response.model";
    public const string InputTokens = "gen_ai.usage.input_tokens";
    public const string OutputTokens = "gen_ai.usage.output_tokens";
    public const string CachedTokens = "gen_ai.usage.cache_read.input_tokens";
    public const string CacheWriteTokens = "gen_ai.usage.cache_creation.input_tokens";
    public const string Method = "http.request.method";
    public const string Route = "http.route";
    public const string Status = "http.response.status_code";
    public const string ResendCount = "http.request.resend_count";
    public const string UrlPath = "url.path";
    public const string UrlScheme = "url.scheme";
    public const string ServerAddress = "server.address";
    public const string ServerPort = "server.port";
    public const string ErrorType = "error.type";
    public const string Outcome = "cacheproxy.cache.outcome";
    public const string Tier = "cacheproxy.cache.tier";
    public const string Found = "cacheproxy.cache.found";
    public const string Bypass = "cacheproxy.bypass.reason";
    public const string Similarity = "cacheproxy.semantic.similarity";
    public const string SemanticReason = "cacheproxy.semantic.reason";
    public const string Fingerprint = "cacheproxy.fingerprint";
    public const string PrefixId = "cacheproxy.prefix.id";
    public const string UpstreamName = "cacheproxy.upstream.name";
    public const string UpstreamResult = "cacheproxy.upstream.result";
    public const string FlightShared = "cacheproxy.flight.shared";
    public const string Inputs = "cacheproxy.embeddings.inputs";
    public const string InputsFound = "cacheproxy.embeddings.inputs.found";
    public const string RecordResult = "cacheproxy.record.result";
    public const string Stream = "cacheproxy.request.stream";

    /// <summary>What the conventions call the operation.</summary>
    public static string OperationOf(Dialect dialect) => dialect switch
    {
        Dialect.OpenAICompletions => "text_completion",
        Dialect.OpenAIEmbeddings => "embeddings",
        _ => "chat",
    };

    /// <summary>What is known of it.</summary>
    public static void SetUsage(Activity span, TokenCounts usage)
    {
        Set(span, InputTokens, usage.Prompt);
        Set(span, OutputTokens, usage.Completion);
        Set(span, CachedTokens, usage.CachedRead);
        Set(span, CacheWriteTokens, usage.CacheWrite);
    }

    private static void Set(Activity span, string name, long count)
    {
        if (count >= 0)
        {
            span.SetTag(name, count);
        }
    }
}
