namespace CacheProxy.Inference.Prefix;

/// <summary>
/// Which blocks of the KV pool hold which tokens: a tree over fixed blocks, one root per salt, matched by exact token
/// compare. Owns every block that no lease holds. Never touches KV itself. Engine thread alone, no locks.
/// </summary>
/// <remarks>
/// A lease holds every block on its path, and so does a pin: a node without either has no such descendant, and all of
/// <see cref="CachedCount"/> but the pinned can be evicted, leaf by leaf, least valuable first (<see cref="EvictionPolicy"/>), O(log blocks) each.
/// </remarks>
public sealed class PrefixTree
{
    private readonly BlockPool _pool;
    private readonly PrefixNode[] _nodes;
    private readonly Dictionary<string, PrefixNode> _roots = new(StringComparer.Ordinal);
    private readonly HashSet<PrefixNode> _fullNodes;
    private readonly HashSet<PrefixNode>.AlternateLookup<ChildKey> _children;
    private readonly ChildKeyComparer _comparer = new();
    private readonly CachedBlocks _cached;
    private readonly IPrefixObserver? _observer;
    private readonly TimeProvider _time;
    private readonly string _fingerprint;

    /// <param name="blockCount">Blocks of the KV pool.</param>
    /// <param name="blockSize">Tokens of one block.</param>
    public PrefixTree(int blockCount, int blockSize)
        : this(blockCount, blockSize, new PrefixTreeOptions())
    {
    }

    internal PrefixTree(int blockCount, int blockSize, PrefixTreeOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockSize, 1);
        _pool = new BlockPool(blockCount);
        BlockSize = blockSize;
        Policy = options.Policy ?? new EvictionPolicy(blockCount, blockSize);
        _cached = new CachedBlocks(_pool, Policy, options.Time);
        (_observer, _time, _fingerprint) = (options.Observer, options.Time, options.Fingerprint);
        History = options.History ?? new BlockHistory(4 * blockCount);
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
    public int CachedCount => _cached.Count;

    /// <summary>Blocks that pins hold against eviction, leased ones among them.</summary>
    public int PinnedCount => _cached.PinnedCount;

    public int LeasedCount => _pool.LeasedCount;

    /// <summary>Blocks that a lease can still get: free ones, and by eviction the cached ones that are not pinned.</summary>
    public int AvailableCount => FreeCount + CachedCount - _cached.PinnedCachedCount;

    /// <summary>Cached blocks given up so far because their room was needed.</summary>
    public long EvictedCount { get; private set; }

    internal IReadOnlyDictionary<string, PrefixNode> Roots => _roots;

    /// <summary>What was evicted and is in no tier.</summary>
    internal BlockHistory History { get; }

    internal EvictionPolicy Policy { get; }

    internal CachedBlocks Cached => _cached;

    internal BlockPool Pool => _pool;

    internal int FullNodeCount => _fullNodes.Count;

    internal IReadOnlyCollection<PrefixNode> FullNodes => _fullNodes;

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
            cached += _pool.HoldersOf(node.Block) == 0 && node.Pins == 0 ? 1 : 0;
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
            _cached.Hold(node);
            CountReuse(node);
            lease.SetBlock(--index, node.Block);
        }

        return lease;
    }

    /// <summary>The deepest full block of the tokens that is known, the last token's included. Changes nothing.</summary>
    /// <returns>Null where not even the first is.</returns>
    internal PrefixNode? FindFull(string salt, ReadOnlySpan<int> tokens, out int blocks)
    {
        blocks = 0;
        PrefixNode? tip = null;
        PrefixNode? next = _roots.GetValueOrDefault(salt);
        while (next is not null && tokens.Length >= BlockSize && FindChild(next, tokens[..BlockSize]) is { } child)
        {
            tip = next = child;
            tokens = tokens[BlockSize..];
            blocks++;
        }

        return tip;
    }

    /// <summary>A block of one's own: a free one, or the one that is worth least.</summary>
    internal bool TryTakeBlock(out int block)
    {
        if (_pool.TryTake(out block))
        {
            return true;
        }

        if (!_cached.Evictable.TryPeek(out PrefixNode? least))
        {
            return false;
        }

        bool kept = _observer?.Evicting(least) ?? false;
        if (!kept && least.IsFull)
        {
            History.Add(least.Key, least.Uses, _time.GetTimestamp());
        }

        Remove(least);
        EvictedCount++;
        block = least.Block;
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

        _cached.Hold(known);
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

    /// <summary>Gives a path back, deepest block first: of equal blocks the deeper one goes first.</summary>
    internal void Release(PrefixNode root, PrefixNode tip)
    {
        long floor = 0;
        for (PrefixNode? node = tip; node is { Block: >= 0 }; node = node.Parent)
        {
            floor = _cached.Drop(node, floor);
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

    /// <summary>Forgets every block that nobody holds and no pin protects. O(blocks).</summary>
    /// <param name="salt">Null: all.</param>
    /// <returns>Blocks that became free.</returns>
    internal int Clear(string? salt)
    {
        int before = FreeCount;
        PrefixNode[] roots = salt is null ? [.. _roots.Values] : _roots.TryGetValue(salt, out PrefixNode? only) ? [only] : [];
        var nodes = new List<PrefixNode>(roots);
        for (int index = 0; index < nodes.Count; index++)
        {
            for (PrefixNode? child = nodes[index].FirstChild; child is not null; child = child.NextSibling)
            {
                nodes.Add(child);
            }
        }

        // Parents were listed before their children.
        for (int index = nodes.Count - 1; index >= roots.Length; index--)
        {
            if (nodes[index].HeapIndex >= 0)
            {
                Remove(nodes[index]);
                _pool.Free(nodes[index].Block);
            }
        }

        return FreeCount - before;
    }

    internal static PrefixNode RootOf(PrefixNode node)
    {
        while (node.Parent is { } parent)
        {
            node = parent;
        }

        return node;
    }

    /// <summary>The key before the first block of a salt.</summary>
    internal BlockKey RootKeyOf(string salt) =>
        _roots.TryGetValue(salt, out PrefixNode? root) ? root.Key : BlockKey.OfRoot(_fingerprint, salt);

    private void CountReuse(PrefixNode node)
    {
        node.Uses++;
        _observer?.Reused(node, node.UsedAt);
        node.UsedAt = _time.GetTimestamp();
    }

    private PrefixNode Insert(PrefixNode parent, ReadOnlySpan<int> tokens, int block)
    {
        PrefixNode node = _nodes[block];
        node.Attach(parent, tokens);
        node.KnownSince = node.UsedAt = _time.GetTimestamp();
        if (node.IsFull)
        {
            node.Hash = _comparer.GetHashCode(new ChildKey(parent, tokens));
            node.Key = BlockKey.Next(parent.Key, tokens);
            node.Uses = RecallUses(node.Key);
            _fullNodes.Add(node);
        }

        return node;
    }

    /// <summary>A block that comes back was wanted again while it was gone: that counts as a use.</summary>
    private int RecallUses(BlockKey key)
    {
        int? uses = History.TryTake(key, out BlockHistory.Past past) ? past.Uses : _observer?.RecallUses(key);
        return uses + 1 ?? 0;
    }

    private void Remove(PrefixNode node)
    {
        PrefixNode parent = node.Parent!;
        _cached.Remove(node);
        if (node.IsFull)
        {
            _fullNodes.Remove(node);
        }

        node.Detach();
        if (parent.Block >= 0)
        {
            _cached.Rank(parent);
        }

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
            root = new PrefixNode(-1, 0) { Salt = salt, Key = BlockKey.OfRoot(_fingerprint, salt) };
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
