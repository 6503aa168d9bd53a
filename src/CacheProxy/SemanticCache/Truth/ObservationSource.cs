namespace CacheProxy.SemanticCache.Truth;

/// <summary>How an observation came about. The snake_case name is the metric's tag.</summary>
public enum ObservationSource
{
    /// <summary>The request went upstream anyway; a policy that does not serve would have decided.</summary>
    Shadow,

    /// <summary>A served hit, asked of the upstream again behind the client's back.</summary>
    Audit,

    /// <summary>Somebody said so at the admin endpoint.</summary>
    Feedback,

    /// <summary>The learned policy sent the request upstream to find out.</summary>
    Learned,
}
