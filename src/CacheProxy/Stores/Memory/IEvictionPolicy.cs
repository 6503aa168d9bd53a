namespace CacheProxy.Stores.Memory;

/// <summary>Decides what leaves a full <see cref="MemoryEntryStore"/>. All but <see cref="OnHit"/> run under the store's lock.</summary>
internal interface IEvictionPolicy
{
    /// <summary>Bytes of all nodes that it holds.</summary>
    long SizeBytes { get; }

    /// <summary>Called by readers at the same time, without a lock; must not allocate.</summary>
    void OnHit(MemoryNode node);

    /// <param name="replaced">The node, already removed, whose fingerprint the new one has; null when it is new.</param>
    void Add_NeedsLock(MemoryNode node, MemoryNode? replaced);

    void Remove_NeedsLock(MemoryNode node);

    /// <summary>Takes out the node that is worth least; it may be the one added last. Called while there is a node.</summary>
    MemoryNode Evict_NeedsLock();
}
