namespace CacheProxy.Inference.Prefix;

/// <summary>What became of a wish to pin a prefix.</summary>
public enum PinOutcome
{
    /// <summary>Held from now on, or for longer than before.</summary>
    Pinned,

    /// <summary>Less than one full block of it is cached.</summary>
    NotCached,

    /// <summary>The share of the pool that pins may hold is used up.</summary>
    OverBudget,
}
