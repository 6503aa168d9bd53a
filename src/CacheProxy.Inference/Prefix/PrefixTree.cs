namespace CacheProxy.Inference.Prefix;

/// <summary>
/// Which blocks of the KV pool hold which tokens: a tree over fixed blocks, one root per salt, matched by exact token
/// compare. Owns every block that no lease holds. Never touches KV itself. Engine thread alone, no locks.
/// </summary>
/// <remarks>
/// A lease holds every block on its path, so a node that nobody holds has no held descendant: all of
/// <see cref="CachedCount"/> can be evicted, leaf by leaf, oldest use first.
/// </remarks>
public sealed class PrefixTree
{
    private readonly BlockPool _pool;
    private readonly PrefixNode[] _nodes;
    private readonly Dictionary<string, PrefixNode> _roots = new(StringComparer.Ordinal);
    private readonly HashSet<PrefixNode> _fullNodes;
    private readonly HashSet<PrefixNode>.AlternateLookup<ChildKey> _children;
    private readonly ChildKeyComparer _comparer = new();
    private readonly UnusedList _unused = new();

    /// <param name="blockCount">Blocks of the KV pool.</param>
    /// <param name="blockSize">Tokens of one block.</param>
    public PrefixTree(int blockCount, int blockSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockSize, 1);
        _pool = new BlockPool(blockCount);
        BlockSize = blockSize;
        _nodes = new PrefixNode[blockCount];
        for (int block = 0; block < blockCount; block++)
        {
            _nodes[block] = new PrefixNode(block, blockSize);
        }

        _fullNodes = new HashSet<PrefixNode>(blockCount, _comparer);
        _children = _fullNodes.GetAlternateLookup<ChildKey>();
    }

    public int BlockSize { get; }

    public int BlockCount => _pool.BlockCount;

    public int FreeCount => _pool.FreeCount;

    /// <summary>Blocks that hold known tokens and that nobody uses now.</summary>
    public int CachedCount => _unused.Count;

    public int LeasedCount => _pool.LeasedCount;

    /// <summary>Blocks that a lease can still get: free ones, and cached ones by eviction.</summary>
    public int AvailableCount => FreeCount + CachedCount;

    /// <summary>Cached blocks given up so far because their room was needed.</summary>
    public long EvictedCount { get; private set; }

    internal IReadOnlyDictionary<string, PrefixNode> Roots => _roots;

    internal UnusedList Unused => _unused;

    internal BlockPool Pool => _pool;

    internal int FullNodeCount => _fullNodes.Count;

    /// <summary>Finds the longest known prefix, of which at least the last token is left out: its logits have to be computed. Changes nothing.</summary>
    public PrefixMatch Match(string salt, ReadOnlySpan<int> tokens)
    {
        if (!_roots.TryGetValue(salt, out PrefixNode? tip))
        {
            return new PrefixMatch(null, 0, null, 0, BlockSize);
        }

        ReadOnlySpan<int> wanted = tokens[..Math.Max(0, tokens.Length - 1)];
        int blocks = 0;
        while (wanted.Length >= BlockSize && FindChild(tip, wanted[..BlockSize]) is { } child)
        {
            tip = child;
            wanted = wanted[BlockSize..];
            blocks++;
        }

        PrefixNode? tail = FindTail(tip, wanted, out int tailTokens);
        return new PrefixMatch(tip, blocks, tail, tailTokens, BlockSize);
    }

    /// <summary>Blocks of the match that leave <see cref="AvailableCount"/> once the match is leased.</summary>
    public int CachedBlocksOf(PrefixMatch match)
    {
        int cached = 0;
        for (PrefixNode? node = match.Tip; node is { Block: >= 0 }; node = node.Parent)
        {
            cached += _pool.HoldersOf(node.Block) == 0 ? 1 : 0;
        }

        return cached;
    }

    /// <summary>Holds the full blocks of a match that was made since the tree last changed.</summary>
    public PrefixLease Lease(string salt, PrefixMatch match)
    {
        PrefixNode root = RootOf(salt);
        root.Leases++;
        var lease = new PrefixLease(this, root, match.Tip ?? root, match.FullBlocks);
        int index = match.FullBlocks;
        for (PrefixNode? node = match.Tip; node is { Block: >= 0 }; node = node.Parent)
        {
            Hold(node);
            lease.SetBlock(--index, node.Block);
        }

        return lease;
    }

    /// <summary>A block of one's own: a free one, or the one whose use lies furthest back.</summary>
    internal bool TryTakeBlock(out int block)
    {
        if (_pool.TryTake(out block))
        {
            return true;
        }

        if (_unused.Oldest is not { } oldest)
        {
            return false;
        }

        Remove(oldest);
        EvictedCount++;
        block = oldest.Block;
        return _pool.Hold(block);
    }

    /// <summary>
    /// Makes a full block known under <paramref name="parent"/>. Where another lease published the same tokens first, that
    /// block is held instead and the caller's own goes back to the pool: equal tokens have equal KV.
    /// </summary>
    /// <returns>The node whose block the caller now holds.</returns>
    internal PrefixNode Publish(PrefixNode parent, ReadOnlySpan<int> tokens, int block)
    {
        if (FindChild(parent, tokens) is not { } known)
        {
            return Insert(parent, tokens, block);
        }

        Hold(known);
        ReturnBlock(block);
        return known;
    }

    /// <summary>Makes a partly filled block known as a leaf, unless a child starts with the same tokens.</summary>
    /// <returns>Null when it is not needed.</returns>
    internal PrefixNode? PublishTail(PrefixNode parent, ReadOnlySpan<int> tokens, int block)
    {
        for (PrefixNode? child = parent.FirstChild; child is not null; child = child.NextSibling)
        {
            if (child.Tokens.StartsWith(tokens))
            {
                return null;
            }
        }

        return Insert(parent, tokens, block);
    }

    /// <summary>Gives a path back, deepest block first: the order that keeps the head of the unused list a leaf.</summary>
    internal void Release(PrefixNode root, PrefixNode tip)
    {
        for (PrefixNode? node = tip; node is { Block: >= 0 }; node = node.Parent)
        {
            if (_pool.Drop(node.Block))
            {
                _unused.Append(node);
            }
        }

        root.Leases--;
        ForgetIfEmpty(root);
    }

    /// <summary>Gives back a block that the tree does not know.</summary>
    internal void ReturnBlock(int block)
    {
        if (_pool.Drop(block))
        {
            _pool.Free(block);
        }
    }

    private void Hold(PrefixNode node)
    {
        if (_pool.Hold(node.Block))
        {
            _unused.Remove(node);
        }
    }

    private PrefixNode Insert(PrefixNode parent, ReadOnlySpan<int> tokens, int block)
    {
        PrefixNode node = _nodes[block];
        node.Attach(parent, tokens);
        if (node.IsFull)
        {
            node.Hash = _comparer.GetHashCode(new ChildKey(parent, tokens));
            _fullNodes.Add(node);
        }

        return node;
    }

    private void Remove(PrefixNode node)
    {
        PrefixNode parent = node.Parent!;
        _unused.Remove(node);
        if (node.IsFull)
        {
            _fullNodes.Remove(node);
        }

        node.Detach();
        ForgetIfEmpty(parent);
    }

    private PrefixNode? FindChild(PrefixNode parent, ReadOnlySpan<int> tokens) =>
        _children.TryGetValue(new ChildKey(parent, tokens), out PrefixNode? child) ? child : null;

    private static PrefixNode? FindTail(PrefixNode parent, ReadOnlySpan<int> wanted, out int tokens)
    {
        PrefixNode? best = null;
        tokens = 0;
        for (PrefixNode? child = parent.FirstChild; child is not null; child = child.NextSibling)
        {
            int common = wanted.CommonPrefixLength(child.Tokens);
            if (common > tokens)
            {
                (best, tokens) = (child, common);
            }
        }

        return best;
    }

    private PrefixNode RootOf(string salt)
    {
        if (!_roots.TryGetValue(salt, out PrefixNode? root))
        {
            root = new PrefixNode(-1, 0) { Salt = salt };
            _roots.Add(salt, root);
        }

        return root;
    }

    private void ForgetIfEmpty(PrefixNode node)
    {
        if (node is { Salt: not null, FirstChild: null, Leases: 0 })
        {
            _roots.Remove(node.Salt);
        }
    }
}
