namespace CacheProxy.Inference.Scheduling;

/// <summary>Whether the queue takes one more request.</summary>
internal enum QueueState
{
    Open,

    /// <summary>As many as allowed wait already.</summary>
    Full,

    /// <summary>As many of this tenant as allowed wait already.</summary>
    TenantFull,
}
