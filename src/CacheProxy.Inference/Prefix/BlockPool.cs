namespace CacheProxy.Inference.Prefix;

/// <summary>
/// Owns the numbers of the KV pool's blocks: which are free, and how many leases hold each of the others.
/// A block with no holder that the tree still knows is cached: neither free nor held. Engine thread alone.
/// </summary>
public sealed class BlockPool
{
    private readonly int[] _free;
    private readonly int[] _holders;
    private int _freeCount;

    /// <param name="blockCount">Blocks of the KV pool, at least one.</param>
    public BlockPool(int blockCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockCount, 1);
        _free = new int[blockCount];
        _holders = new int[blockCount];
        for (int block = blockCount - 1; block >= 0; block--)
        {
            _free[_freeCount++] = block;
        }
    }

    public int BlockCount => _free.Length;

    public int FreeCount => _freeCount;

    /// <summary>Blocks held by at least one lease.</summary>
    public int LeasedCount { get; private set; }

    public int HoldersOf(int block) => _holders[block];

    /// <summary>Takes a free block, held once.</summary>
    public bool TryTake(out int block)
    {
        if (_freeCount == 0)
        {
            block = -1;
            return false;
        }

        block = _free[--_freeCount];
        Hold(block);
        return true;
    }

    /// <summary>One more holder.</summary>
    /// <returns>True when it is the first.</returns>
    public bool Hold(int block)
    {
        bool first = _holders[block]++ == 0;
        LeasedCount += first ? 1 : 0;
        return first;
    }

    /// <summary>One holder less. The caller decides whether the block stays cached or goes back by <see cref="Free"/>.</summary>
    /// <returns>True when it was the last.</returns>
    public bool Drop(int block)
    {
        if (_holders[block] == 0)
        {
            throw new InvalidOperationException($"Block {block} has no holder to drop.");
        }

        bool last = --_holders[block] == 0;
        LeasedCount -= last ? 1 : 0;
        return last;
    }

    /// <summary>Puts a block that nobody holds and the tree does not know back on the free list.</summary>
    public void Free(int block)
    {
        if (_holders[block] != 0 || _freeCount == _free.Length)
        {
            throw new InvalidOperationException($"Block {block} is held or was freed twice.");
        }

        _free[_freeCount++] = block;
    }

    /// <summary>Free block numbers in no useful order, for the integrity check.</summary>
    internal ReadOnlySpan<int> FreeBlocks => _free.AsSpan(0, _freeCount);
}
