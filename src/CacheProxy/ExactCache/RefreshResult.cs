namespace CacheProxy.ExactCache;

/// <summary>How a background refresh ended. The snake_case name is the metric's tag.</summary>
public enum RefreshResult
{
    /// <summary>The new answer took the old one's place.</summary>
    Stored,

    /// <summary>There was no new answer, or none that is stored; the old one stays.</summary>
    Failed,

    /// <summary>The same request is under way for a client already.</summary>
    NotNeeded,
}
