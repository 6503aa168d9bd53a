namespace CacheProxy.SemanticCache.Truth;

/// <summary>Whether a stored answer was right for the question it was compared on. The snake_case name is the metric's tag.</summary>
public enum ObservationOutcome
{
    /// <summary>Nothing to compare with, or the judge could not say.</summary>
    Unknown,
    Right,
    Wrong,
}
