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
        while (computed.Length >= (_published + 1) * size)
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
        if (!rest.IsEmpty && _tree.PublishTail(_tip, rest, _table[_published]) is { } tail)
        {
            _tip = tail;
            _published++;
        }

        Dispose();
    }

    /// <summary>Gives the blocks back: known ones stay cached, the others become free.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        for (int index = BlockCount - 1; index >= _published; index--)
        {
            _tree.ReturnBlock(_table[index]);
        }

        _tree.Release(_root, _tip);
        BlockCount = _published = 0;
    }

    internal void SetBlock(int index, int block) => _table[index] = block;
}
