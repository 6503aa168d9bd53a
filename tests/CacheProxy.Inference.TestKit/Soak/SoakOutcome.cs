namespace CacheProxy.Inference.TestKit.Soak;

/// <summary>How a request ended.</summary>
public enum SoakOutcome
{
    Answered,

    /// <summary>By the queue's limit.</summary>
    Refused,

    Cancelled,

    TimedOut,

    Failed,
}
