using System.Diagnostics;

namespace CacheProxy.Inference.Prefix;

/// <summary>
/// The blocks of one sequence: first those on its path in the tree (shared, never written again), then its own, not yet
/// full ones. Held until disposed; disposing twice is harmless. Engine thread alone.
/// </summary>
public sealed class PrefixLease : IDisposable
{
    private readonly PrefixTree _tree;
    private readonly PrefixNode _root;
    private PrefixNode _tip;
    private int[] _table;
    private int _published;
    private bool _disposed;

    internal PrefixLease(PrefixTree tree, PrefixNode root, PrefixNode tip, int fullBlocks)
    {
        _tree = tree;
        _root = root;
        _tip = tip;
        _table = new int[Math.Max(8, fullBlocks * 2)];
        _published = BlockCount = fullBlocks;
    }

    /// <summary>Block ids by position / block size; only the first <see cref="BlockCount"/> are held. Replaced when it grows.</summary>
    public int[] BlockTable => _table;

    public int BlockCount { get; private set; }

    /// <summary>It holds no block of the tree any more and publishes nothing.</summary>
    public bool IsDetached { get; private set; }

    /// <summary>Leading blocks that the tree knows.</summary>
    public int PublishedBlocks => _published;

    /// <summary>Leading tokens that other sequences can find in the tree.</summary>
    public int PublishedTokens => _published * _tree.BlockSize;

    /// <summary>Gets blocks until <paramref name="tokens"/> tokens fit.</summary>
    /// <returns>False when the pool has no more; what was got until then is kept.</returns>
    public bool TryReserve(int tokens)
    {
        int needed = (tokens + _tree.BlockSize - 1) / _tree.BlockSize;
        if (needed > _table.Length)
        {
            Array.Resize(ref _table, Math.Max(needed, _table.Length * 2));
        }

        while (BlockCount < needed)
        {
            if (!_tree.TryTakeBlock(out int block))
            {
                return false;
            }

            _table[BlockCount++] = block;
        }

        return true;
    }

    /// <summary>Publishes every block that is full by now, so that others find it from the next match on.</summary>
    /// <param name="computed">The sequence's tokens whose KV is in the pool, from position 0.</param>
    public void Publish(ReadOnlySpan<int> computed)
    {
        Debug.Assert(!_disposed, "The lease was given back.");
        int size = _tree.BlockSize;
        while (!IsDetached && computed.Length >= (_published + 1) * size)
        {
            ReadOnlySpan<int> tokens = computed.Slice(_published * size, size);
            _tip = _tree.Publish(_tip, tokens, _table[_published]);
            _table[_published++] = _tip.Block;
        }
    }

    /// <summary>Publishes what was computed, the partly filled last block included, and gives the lease back.</summary>
    public void Complete(ReadOnlySpan<int> computed)
    {
        if (_disposed)
        {
            return;
        }

        Publish(computed);
        ReadOnlySpan<int> rest = computed[PublishedTokens..];
        if (!rest.IsEmpty && !IsDetached && _tree.PublishTail(_tip, rest, _table[_published]) is { } tail)
        {
            _tip = tail;
            _published++;
        }

        Dispose();
    }

    /// <summary>
    /// Replaces the known blocks that are still read by copies of its own, gives the known ones back to the tree, and forgets those
    /// that are not read: their places in <see cref="BlockTable"/> become -1.
    /// </summary>
    /// <param name="kept">Blocks at the start that are still read.</param>
    /// <param name="first">The first block behind them that is.</param>
    /// <param name="copy">Copies a block: (source, target).</param>
    /// <returns>False, and nothing has changed, where the pool has too few blocks or a copy failed.</returns>
    internal bool TryDetach(int kept, int first, Action<int, int> copy)
    {
        int[] own = new int[_published];
        int taken = 0;
        bool isWhole = true;
        for (int index = 0; index < _published && isWhole; index++)
        {
            own[index] = -1;
            if (index < kept || index >= first)
            {
                isWhole = TryCopy(_table[index], out own[index], copy);
            }

            taken = index + 1;
        }

        if (!isWhole)
        {
            ReturnBlocks(own.AsSpan(0, taken));
            return false;
        }

        own.CopyTo(_table, 0);
        _tree.Release(_root, _tip);
        _published = 0;
        IsDetached = true;
        return true;
    }

    /// <summary>Returns blocks <paramref name="from"/> to <paramref name="to"/> of a detached lease; their places become -1.</summary>
    internal void GiveUp(int from, int to)
    {
        Span<int> gone = _table.AsSpan(from, Math.Clamp(to, from, BlockCount) - from);
        ReturnBlocks(gone);
        gone.Fill(-1);
    }

    /// <summary>Gives the blocks back: known ones stay cached, the others become free.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        ReturnBlocks(_table.AsSpan(_published, BlockCount - _published));
        if (!IsDetached)
        {
            _tree.Release(_root, _tip);
        }

        BlockCount = _published = 0;
    }

    private bool TryCopy(int source, out int target, Action<int, int> copy)
    {
        if (!_tree.TryTakeBlock(out target))
        {
            target = -1;
            return false;
        }

        try
        {
            copy(source, target);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    /// <summary>The last one first, so that they are taken again in their order.</summary>
    private void ReturnBlocks(ReadOnlySpan<int> blocks)
    {
        for (int index = blocks.Length - 1; index >= 0; index--)
        {
            if (blocks[index] >= 0)
            {
                _tree.ReturnBlock(blocks[index]);
            }
        }
    }

    internal void SetBlock(int index, int block) => _table[index] = block;
}
