namespace CacheProxy.ExactCache;

/// <summary>What an entry may be used for at this moment.</summary>
public enum Freshness
{
    /// <summary>Answers the request.</summary>
    Fresh,

    /// <summary>Stale, and the client said that it takes stale answers.</summary>
    StaleAccepted,

    /// <summary>Stale, but answers the request while one refresh runs (RFC 5861 §3).</summary>
    StaleRefresh,

    /// <summary>Answers only if the upstream fails (RFC 5861 §4).</summary>
    StaleIfError,

    /// <summary>Of no use to this request.</summary>
    Unusable,
}
