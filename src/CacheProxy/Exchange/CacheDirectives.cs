namespace CacheProxy.Exchange;

/// <summary>What the request's <c>Cache-Control</c> asks of the cache (RFC 9111 §5.2.1, RFC 5861 §4). Seconds; null: not asked.</summary>
public readonly record struct CacheDirectives
{
    public bool NoCache { get; init; }

    public bool NoStore { get; init; }

    public bool OnlyIfCached { get; init; }

    /// <summary>An older answer is not wanted.</summary>
    public int? MaxAgeSeconds { get; init; }

    /// <summary>The answer must stay fresh for at least this long.</summary>
    public int? MinFreshSeconds { get; init; }

    /// <summary>A stale answer is welcome up to this long after its freshness ended; <see cref="int.MaxValue"/>: however stale.</summary>
    public int? MaxStaleSeconds { get; init; }

    /// <summary>A stale answer is welcome when the upstream fails, up to this long after its freshness ended.</summary>
    public int? StaleIfErrorSeconds { get; init; }
}
