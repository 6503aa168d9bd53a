namespace CacheProxy.Inference.Generation;

public enum FinishReason
{
    /// <summary>An end-of-turn token or a stop text.</summary>
    Stop,

    /// <summary>MaxTokens or the context length.</summary>
    Length,

    /// <summary>The caller's token was cancelled, or the engine was shut down.</summary>
    Cancelled,

    /// <summary>The request's deadline passed first; what was generated until then was reported.</summary>
    TimedOut,

    /// <summary>The engine failed; the message says how.</summary>
    Error,
}
