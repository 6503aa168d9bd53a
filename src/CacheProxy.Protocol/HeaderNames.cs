namespace CacheProxy.Protocol;

/// <summary>Header names that CacheProxy reads or writes beside the standard ones. Stable: tests, dashboards and users rely on them.</summary>
public static class HeaderNames
{
    /// <summary>Response: how the answer was made (RFC 9211), see <see cref="Protocol.CacheStatus"/>.</summary>
    public const string CacheStatus = "Cache-Status";

    /// <summary>Response: seconds since the answer was made (RFC 9111 §5.1), on hits.</summary>
    public const string Age = "Age";

    /// <summary>Response: the entry's id, for feedback and deletion.</summary>
    public const string Entry = "X-CacheProxy-Entry";

    /// <summary>Response: of an embedding request, how many of its inputs the cache answered, of how many: <c>90/100</c>.</summary>
    public const string Inputs = "X-CacheProxy-Inputs";

    /// <summary>Response: cosine similarity of a semantic hit, four decimals.</summary>
    public const string Similarity = "X-CacheProxy-Similarity";

    /// <summary>Response and upstream request: id of the longest reusable prompt prefix.</summary>
    public const string Prefix = "X-CacheProxy-Prefix";

    /// <summary>Response: the budgets that the request counts in and that are nearly used, a list of structured fields: <c>search-month;used=0.83;unit=money;reset=86400</c>.</summary>
    public const string Budget = "X-CacheProxy-Budget";

    /// <summary>Upstream request: the tenant's salt; KV blocks are never shared across different salts.</summary>
    public const string Salt = "X-CacheProxy-Salt";

    /// <summary>Request: the part of the cache to look in and store to.</summary>
    public const string Namespace = "X-CacheProxy-Namespace";

    /// <summary>Request: comma-separated tags of the stored entry, for purging.</summary>
    public const string Tags = "X-CacheProxy-Tags";

    /// <summary>Request: time to live of the stored entry in seconds; the configuration clamps it.</summary>
    public const string Ttl = "X-CacheProxy-TTL";

    /// <summary>Request: milliseconds after which the answer is of no use any more; the bundled engine then stops and answers 504.</summary>
    public const string RequestTimeout = "X-Request-Timeout-Ms";

    /// <summary>Request: the version of Anthropic's API, which all of its clients send.</summary>
    public const string AnthropicVersion = "anthropic-version";

    /// <summary>Request: <c>off</c>, or the least similarity at which a semantic hit is acceptable; only tightens.</summary>
    public const string Semantic = "X-CacheProxy-Semantic";
}
