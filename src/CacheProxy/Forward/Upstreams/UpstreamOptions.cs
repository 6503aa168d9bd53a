using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Forward.Upstreams;

/// <summary>One element of the list <c>Upstreams</c>. An empty list stands for the bundled backend alone. A changed list is taken over while running.</summary>
public sealed class UpstreamOptions
{
    public const string Section = "Upstreams";

    /// <summary>For logs, metrics and fingerprints: renaming an upstream makes what it answered unreachable.</summary>
    [Required]
    [RegularExpression("[A-Za-z0-9_.-]{1,64}")]
    public string Name { get; set; } = "";

    /// <summary><c>openai</c>, <c>azure</c>, <c>anthropic</c>, <c>vllm</c>, <c>sglang</c>, <c>llamacpp</c>, <c>ollama</c>, <c>cacheproxy</c>, or <c>compatible</c> (default): what the other settings are where they are not given.</summary>
    public UpstreamKind Kind { get; set; }

    /// <summary>The provider's base address, with or without <c>/v1</c> at its end.</summary>
    [Required]
    [Url]
    public string BaseUrl { get; set; } = "";

    /// <summary>Sent instead of the client's own credentials. Empty (the default): the client's go through, see <see cref="ForwardClientCredentials"/>.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>A file that holds the key; a change of it counts within 5 seconds. Default: none.</summary>
    public string ApiKeyFile { get; set; } = "";

    /// <summary>The name of an environment variable that holds the key. Default: none.</summary>
    public string ApiKeyEnvironment { get; set; } = "";

    /// <summary>The header for the key: <c>Authorization</c> (sent as a bearer token), <c>api-key</c>, <c>x-api-key</c>. Empty (the default): the kind's.</summary>
    [RegularExpression("[A-Za-z0-9-]{0,64}")]
    public string ApiKeyHeader { get; set; } = "";

    /// <summary>
    /// Without a key of its own it gets the client's, even where it shares a route with another provider that comes first. Default false: only an upstream at the
    /// address of the route's first destination gets them.
    /// </summary>
    public bool ForwardClientCredentials { get; set; }

    /// <summary>Of Azure's deployment paths. Default <c>2024-10-21</c>; unused where <see cref="BaseUrl"/> ends in <c>/openai/v1</c>.</summary>
    [RegularExpression("[A-Za-z0-9-]{1,32}")]
    public string ApiVersion { get; set; } = "2024-10-21";

    /// <summary>The models that go here, separated by commas; a <c>*</c> at the end stands for any ending. Default <c>*</c>: every model. Empty: only what <c>Routes</c> sends.</summary>
    public string Models { get; set; } = "*";

    /// <summary>The APIs that it speaks, separated by commas: <c>chat</c>, <c>completions</c>, <c>embeddings</c>, <c>responses</c>, <c>messages</c>. Empty (the default): the kind's.</summary>
    public string Dialects { get; set; } = "";

    /// <summary>Streams that may be stored are asked for their usage (<c>stream_options.include_usage</c>); clients that did not ask do not see it. Default: what the kind understands.</summary>
    public bool? IncludeUsage { get; set; }

    /// <summary>Sends <c>prompt_cache_key</c> (openai) or <c>cache_salt</c> (vllm) where the client did not. Default true.</summary>
    public bool CacheHints { get; set; } = true;

    /// <summary>Marks the last block of a messages request's <c>system</c> with <c>cache_control</c> where the client marked nothing; writing to that cache has its price. Default false.</summary>
    public bool CacheControl { get; set; }

    /// <summary>It is a CacheProxy backend: it gets the prefix id and the scope's salt. The kind <c>cacheproxy</c> always does. Default false.</summary>
    public bool CacheProxyAware { get; set; }

    /// <summary>Seconds in which the connection must stand. Default 5.</summary>
    [Range(1, 600)]
    public int ConnectTimeoutSeconds { get; set; } = 5;

    /// <summary>Seconds from sending the request until the answer's headers. Default 0: as <see cref="ActivityTimeoutSeconds"/>.</summary>
    [Range(0, 86_400)]
    public int FirstByteTimeoutSeconds { get; set; }

    /// <summary>Seconds between two bytes, in either direction, until the request is given up: slow tokens are not a fault. Default 300.</summary>
    [Range(1, 86_400)]
    public int ActivityTimeoutSeconds { get; set; } = 300;

    /// <summary>Seconds for a whole answer, however lively. Default 0: no limit.</summary>
    [Range(0, 86_400)]
    public int TotalTimeoutSeconds { get; set; }

    /// <summary>How often a request is tried again that got no answer: connection refused or broken, or one of <see cref="RetryStatuses"/>. Never after a byte has reached the client, and not where another destination of the same model is left to ask. Default 2.</summary>
    [Range(0, 10)]
    public int Retries { get; set; } = 2;

    /// <summary>Milliseconds before the first further try; doubles each time, with jitter. Default 200.</summary>
    [Range(1, 60_000)]
    public int RetryDelayMilliseconds { get; set; } = 200;

    /// <summary>Statuses that another try, or another destination, may mend, separated by commas. Default <c>429,502,503,529</c>; 429 is tried again here only where <c>Retry-After</c> says when.</summary>
    [RegularExpression("( *[45][0-9][0-9] *(, *[45][0-9][0-9] *)*)?")]
    public string RetryStatuses { get; set; } = "429,502,503,529";

    /// <summary>The longest <c>Retry-After</c>, in seconds, that is waited for; beyond it the answer goes on to the next destination or the client. Default 5.</summary>
    [Range(0, 600)]
    public int MaxRetryAfterSeconds { get; set; } = 5;

    /// <summary>Seconds for which an upstream that keeps failing is not asked: then one request sees whether it is well again, and its first header ends the rest. Where no other destination is left to ask, one second. Default 5; 0 never stops asking.</summary>
    [Range(0, 3600)]
    public int BreakSeconds { get; set; } = 5;

    /// <summary>Part of the requests of 10 seconds, of 5 at least, that must fail to open the breaker; one that is tried several times counts once. Default 0.9.</summary>
    [Range(0.01, 1)]
    public double BreakFailureRatio { get; set; } = 0.9;

    /// <summary>Requests in a row that fail after which it rests for <see cref="BreakSeconds"/>, however few the calls. Default 5; 0: the ratio alone counts.</summary>
    [Range(0, 1000)]
    public int RestAfterFailures { get; set; } = 5;

    /// <summary>Seconds between two health probes. Default 0: none is sent, only answers to clients tell its health.</summary>
    [Range(0, 3600)]
    public int HealthIntervalSeconds { get; set; }

    /// <summary>The path that probes ask. Empty (the default): the kind's.</summary>
    [RegularExpression("(/[!-~]*)?")]
    public string HealthPath { get; set; } = "";

    /// <summary>Seconds in which a probe must be answered. Default 5.</summary>
    [Range(1, 600)]
    public int HealthTimeoutSeconds { get; set; } = 5;

    /// <summary>Probes in a row that must fail until it counts as down, and succeed until it is up again. Default 2.</summary>
    [Range(1, 100)]
    public int HealthThreshold { get; set; } = 2;
}
