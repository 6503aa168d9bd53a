using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Forward;

/// <summary>One element of the list <c>Upstreams</c>. An empty list stands for the bundled backend alone.</summary>
public sealed class UpstreamOptions
{
    public const string Section = "Upstreams";

    /// <summary>For logs, metrics and fingerprints: renaming an upstream makes what it answered unreachable.</summary>
    [Required]
    [RegularExpression("[A-Za-z0-9_.-]{1,64}")]
    public string Name { get; set; } = "";

    /// <summary>The provider's base address, with or without <c>/v1</c> at its end.</summary>
    [Required]
    [Url]
    public string BaseUrl { get; set; } = "";

    /// <summary>Sent instead of the client's own credentials. Empty (the default): the client's go through.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>The header for <see cref="ApiKey"/>: <c>Authorization</c> (sent as a bearer token), <c>api-key</c>, <c>x-api-key</c>.</summary>
    [RegularExpression("[A-Za-z0-9-]{1,64}")]
    public string ApiKeyHeader { get; set; } = "Authorization";

    /// <summary>The models that go here, separated by commas; a <c>*</c> at the end stands for any ending. Default <c>*</c>: every model.</summary>
    [Required]
    public string Models { get; set; } = "*";

    /// <summary>It is a CacheProxy backend: it gets the prefix id and the scope's salt. Default false.</summary>
    public bool CacheProxyAware { get; set; }

    /// <summary>Seconds in which the connection must stand. Default 5.</summary>
    [Range(1, 600)]
    public int ConnectTimeoutSeconds { get; set; } = 5;

    /// <summary>Seconds without a byte in either direction, before the first byte as between two tokens, until the request is given up. Default 300.</summary>
    [Range(1, 86_400)]
    public int ActivityTimeoutSeconds { get; set; } = 300;

    /// <summary>How often a request is tried again that got no answer at all: connection refused or broken, 502 or 503. Default 2.</summary>
    [Range(0, 10)]
    public int Retries { get; set; } = 2;

    /// <summary>Milliseconds before the first further try; doubles each time, with jitter. Default 200.</summary>
    [Range(1, 60_000)]
    public int RetryDelayMilliseconds { get; set; } = 200;

    /// <summary>Seconds for which an upstream that keeps failing is not asked at all. Default 5; 0 never stops asking.</summary>
    [Range(0, 3600)]
    public int BreakSeconds { get; set; } = 5;
}
