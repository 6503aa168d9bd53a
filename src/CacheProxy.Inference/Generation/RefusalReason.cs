namespace CacheProxy.Inference.Generation;

/// <summary>Why a request was not accepted. A refused request costs the engine nothing and gets no events.</summary>
public enum RefusalReason
{
    /// <summary>An option is out of its range, the prompt is empty or holds an unknown token.</summary>
    Invalid,

    /// <summary>Prompt and MaxTokens together exceed the model's context.</summary>
    ContextLength,

    /// <summary>Prompt and MaxTokens together exceed the whole KV pool.</summary>
    PoolSize,

    /// <summary>As many requests as allowed are waiting already; try again later.</summary>
    QueueFull,

    /// <summary>The engine is shutting down.</summary>
    Stopping,

    /// <summary>The engine failed for good; the message has the cause.</summary>
    Unhealthy,
}
