namespace CacheProxy.Stores.Resilience;

/// <summary>How a call to a store, index or model ended. All but <see cref="Succeeded"/> count as a miss.</summary>
public enum CallOutcome
{
    Succeeded,

    /// <summary>It threw.</summary>
    Failed,

    /// <summary>It did not answer within the budget; whatever it does later is dropped.</summary>
    TimedOut,

    /// <summary>Not called: the breaker is open.</summary>
    Rejected,
}
