namespace CacheProxy.Inference.Prefix;

/// <summary>What the tree knows of a prompt. Looking changed nothing, so it is valid only until the tree next changes.</summary>
public readonly struct PrefixMatch
{
    private readonly int _blockSize;

    internal PrefixMatch(PrefixNode? tip, int fullBlocks, PrefixNode? tail, int tailTokens, int blockSize)
    {
        Tip = tip;
        FullBlocks = fullBlocks;
        Tail = tail;
        TailTokens = tailTokens;
        _blockSize = blockSize;
    }

    /// <summary>Blocks that can be shared as they are.</summary>
    public int FullBlocks { get; }

    /// <summary>Leading tokens of one more block, which have to be copied into a block of one's own.</summary>
    public int TailTokens { get; }

    /// <summary>Tokens whose KV need not be computed.</summary>
    public int Tokens => (FullBlocks * _blockSize) + TailTokens;

    /// <summary>Deepest node of the shared path; null where the salt has no root yet.</summary>
    internal PrefixNode? Tip { get; }

    internal PrefixNode? Tail { get; }
}
