namespace CacheProxy.Inference.Generation;

/// <summary>A request that was refused up front; <see cref="Exception.Message"/> can be shown to the caller.</summary>
/// <param name="field">API name of the option at fault; null: the prompt, or nothing in the request.</param>
public sealed class RequestRefusedException(RefusalReason reason, string message, string? field = null) : Exception(message)
{
    public string? Field { get; } = field;

    /// <summary>When to try again, by the rate at which requests start at present; null: it makes no sense.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public RefusalReason Reason { get; } = reason;
}
