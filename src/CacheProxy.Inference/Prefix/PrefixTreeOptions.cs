namespace CacheProxy.Inference.Prefix;

/// <summary>What the tree's blocks belong to and how it chooses what goes.</summary>
internal sealed record PrefixTreeOptions
{
    /// <summary>Of the model that computed the blocks; part of every <see cref="BlockKey"/>.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>Null: the default weights over the pool alone.</summary>
    public EvictionPolicy? Policy { get; init; }

    /// <summary>Blocks that are gone and remembered; null: four times the pool.</summary>
    public int? HistoryBlocks { get; init; }

    public IPrefixObserver? Observer { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
