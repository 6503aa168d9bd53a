namespace CacheProxy.Inference.Prefix;

/// <summary>
/// One block in the tree: the edge from its parent is the block's own tokens. There is exactly one node object per block
/// of the pool, reused for its whole life, so publishing and evicting allocate nothing. A root (one per salt) has no block.
/// </summary>
internal sealed class PrefixNode(int block, int blockSize) : IEvictable
{
    private readonly int[] _tokens = new int[blockSize];
    private int _length;

    /// <summary>Number of the KV block, -1 for a root.</summary>
    public int Block { get; } = block;

    /// <summary>The tokens whose KV the block holds; fewer than the block size only in a leaf.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, _length);

    public bool IsFull => _length == _tokens.Length;

    /// <summary>Null when the node is not in the tree (or is a root).</summary>
    public PrefixNode? Parent { get; private set; }

    /// <summary>Head of the list of children, most recently added first.</summary>
    public PrefixNode? FirstChild { get; private set; }

    public PrefixNode? NextSibling { get; private set; }

    /// <summary>Root only: the salt under which the root is registered.</summary>
    public string? Salt { get; init; }

    /// <summary>Root only: leases under it; a root without leases and children is forgotten.</summary>
    public int Leases { get; set; }

    /// <summary>Cached hash of (parent, tokens); meaningful while in the tree.</summary>
    public int Hash { get; set; }

    /// <summary>Identity beyond the tree; of roots and full blocks alone.</summary>
    public BlockKey Key { get; set; }

    /// <summary>Blocks before it; -1 for a root.</summary>
    public int Depth { get; private set; } = -1;

    /// <summary>How often it was found again, in its lives before this one too.</summary>
    public int Uses { get; set; }

    public long Priority { get; set; }

    public long Stamp { get; set; }

    public int HeapIndex { get; set; } = -1;

    /// <summary>Pins at this node or below; while there are any it cannot be evicted.</summary>
    public int Pins { get; set; }

    /// <summary>The pin that ends here.</summary>
    public PrefixPin? Pin { get; set; }

    /// <summary>Timestamp of its publication.</summary>
    public long KnownSince { get; set; }

    /// <summary>Timestamp of the last time that a lease took it or gave it back.</summary>
    public long UsedAt { get; set; }

    private PrefixNode? PreviousSibling { get; set; }

    public void Attach(PrefixNode parent, ReadOnlySpan<int> tokens)
    {
        tokens.CopyTo(_tokens);
        _length = tokens.Length;
        Parent = parent;
        Depth = parent.Depth + 1;
        NextSibling = parent.FirstChild;
        if (NextSibling is not null)
        {
            NextSibling.PreviousSibling = this;
        }

        parent.FirstChild = this;
    }

    public void Detach()
    {
        if (PreviousSibling is null)
        {
            Parent!.FirstChild = NextSibling;
        }
        else
        {
            PreviousSibling.NextSibling = NextSibling;
        }

        if (NextSibling is not null)
        {
            NextSibling.PreviousSibling = PreviousSibling;
        }

        Parent = PreviousSibling = NextSibling = null;
        _length = 0;
        Uses = 0;
        Priority = 0;
        Key = default;
    }
}
