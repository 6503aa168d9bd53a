namespace CacheProxy.Forward;

/// <summary>How one try ended. The snake_case name is the metric's label.</summary>
public enum AttemptResult
{
    Ok,

    /// <summary>A 4xx: the request's fault.</summary>
    ClientError,

    RateLimited,

    ServerError,

    /// <summary>No connection, or none that held until the answer.</summary>
    Unreachable,

    Timeout,

    /// <summary>It broke off in the middle of its answer.</summary>
    Broken,

    /// <summary>The client left, or the proxy gave up.</summary>
    Canceled,

    /// <summary>It was not asked: it is left alone for a while.</summary>
    Rested,
}
