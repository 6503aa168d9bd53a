namespace CacheProxy.Forward.Upstreams;

/// <summary>Whether an upstream is asked. The snake_case name is the metric's label.</summary>
public enum UpstreamState
{
    Up,

    /// <summary>Its breaker lets one request through to see.</summary>
    HalfOpen,

    /// <summary>Its breaker is open.</summary>
    Open,

    /// <summary>It failed too often in a row.</summary>
    Resting,

    /// <summary>Its health probes fail.</summary>
    Down,
}
