namespace CacheProxy.Inference.Prefix;

/// <summary>Whoever keeps or counts what the tree gives up. Called on the engine thread while the tree changes: must not call it back.</summary>
internal interface IPrefixObserver
{
    /// <summary>A cached block's room is needed. Its KV is still in the pool.</summary>
    /// <returns>True when a tier keeps it; otherwise the tree remembers its identity alone.</returns>
    bool Evicting(PrefixNode node);

    /// <summary>How often a block had been found again that the tree did not know until now; null where nothing is known of it.</summary>
    int? RecallUses(BlockKey key);

    /// <summary>A known block is leased again.</summary>
    /// <param name="previousUse">Timestamp of its use before.</param>
    void Reused(PrefixNode node, long previousUse);
}
