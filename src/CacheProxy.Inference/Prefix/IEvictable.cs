namespace CacheProxy.Inference.Prefix;

/// <summary>Something in an <see cref="EvictionHeap{T}"/>. Its rank must not change while it is in there.</summary>
internal interface IEvictable
{
    /// <summary>See <see cref="EvictionPolicy"/>; the lowest goes first.</summary>
    long Priority { get; }

    /// <summary>Logical time of the last use, the tie-breaker.</summary>
    long Stamp { get; }

    /// <summary>The heap's own; -1 outside it.</summary>
    int HeapIndex { get; set; }
}
