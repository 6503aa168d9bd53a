namespace CacheProxy.ExactCache;

/// <summary>Why an entry is refreshed. The snake_case name is the metric's tag.</summary>
public enum RefreshReason
{
    /// <summary>It is stale and was given all the same (<c>stale-while-revalidate</c>).</summary>
    Stale,

    /// <summary>It is popular and will soon be stale (<c>Exact:RefreshAheadHits</c>).</summary>
    Ahead,
}
