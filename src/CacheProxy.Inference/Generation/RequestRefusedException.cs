namespace CacheProxy.Inference.Generation;

/// <summary>A request that was refused up front; <see cref="Exception.Message"/> can be shown to the caller.</summary>
public sealed class RequestRefusedException(RefusalReason reason, string message) : Exception(message)
{
    public RefusalReason Reason { get; } = reason;
}
