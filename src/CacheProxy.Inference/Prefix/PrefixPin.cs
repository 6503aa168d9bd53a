namespace CacheProxy.Inference.Prefix;

/// <summary>Holds a path against eviction until a time has passed since it was last hit.</summary>
internal sealed class PrefixPin(PrefixNode tip, TimeSpan ttl)
{
    /// <summary>The deepest block held; all blocks before it are held with it.</summary>
    public PrefixNode Tip { get; } = tip;

    public TimeSpan Ttl { get; set; } = ttl;

    /// <summary>Timestamp.</summary>
    public long ExpiresAt { get; set; }
}
