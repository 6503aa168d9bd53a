namespace CacheProxy.Inference.Prefix;

/// <summary>What the tree's blocks belong to and how it chooses what goes.</summary>
internal sealed record PrefixTreeOptions
{
    /// <summary>Of the model that computed the blocks; part of every <see cref="BlockKey"/>.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>Null: the default weights over the pool alone.</summary>
    public EvictionPolicy? Policy { get; init; }

    /// <summary>Null: one of its own for four times the pool.</summary>
    public BlockHistory? History { get; init; }

    public IPrefixObserver? Observer { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
