using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Prefix;

namespace CacheProxy.Inference.Scheduling;

/// <summary>The prefix tree together with the runner whose KV it describes: what admission asks.</summary>
internal sealed class KvCache(IModelRunner runner)
{
    public PrefixTree Tree { get; } = new(runner.BlockCount, runner.BlockSize);

    /// <summary>Prompt tokens of first admissions, and how many of them were found.</summary>
    public long QueriedTokens { get; private set; }

    public long HitTokens { get; private set; }

    public long FailedCopies { get; private set; }

    /// <summary>
    /// Gives a sequence blocks for all its tokens, those of the match shared, and copies the match's tail.
    /// Refuses before it changes anything when they do not fit.
    /// </summary>
    /// <param name="headroom">Blocks that must stay available for the sequences that run already.</param>
    public bool TryAdmit(Sequence sequence, PrefixMatch match, int headroom)
    {
        int needed = BlocksFor(sequence.TokenCount) - match.FullBlocks;
        if (needed + headroom > Tree.AvailableCount - Tree.CachedBlocksOf(match))
        {
            return false;
        }

        PrefixLease lease = Tree.Lease(sequence.Request.Salt, match);
        sequence.Lease = lease;
        int tail = CopyTail(lease, match);
        if (!lease.TryReserve(sequence.TokenCount))
        {
            throw new InvalidOperationException("The KV pool had fewer blocks available than it counted.");
        }

        sequence.Computed = (match.FullBlocks * Tree.BlockSize) + tail;
        CountHit(sequence);
        return true;
    }

    public int BlocksFor(int tokens) => (tokens + Tree.BlockSize - 1) / Tree.BlockSize;

    /// <returns>The tokens of the tail that need not be computed.</returns>
    private int CopyTail(PrefixLease lease, PrefixMatch match)
    {
        if (match.Tail is not { } tail)
        {
            return 0;
        }

        // Reserving one block evicts at most one. If that is the tail itself, its KV is already where it is wanted.
        int source = tail.Block;
        int index = match.FullBlocks;
        lease.TryReserve((index * Tree.BlockSize) + match.TailTokens);
        if (lease.BlockTable[index] == source)
        {
            return match.TailTokens;
        }

        try
        {
            runner.CopyBlock(source, lease.BlockTable[index], match.TailTokens);
            return match.TailTokens;
        }
        catch (Exception)
        {
            // The block is the sequence's own and not published: computing its tokens puts it right.
            FailedCopies++;
            return 0;
        }
    }

    private void CountHit(Sequence sequence)
    {
        // A sequence that comes back after a preemption finds its own blocks; that is not a hit.
        if (sequence.CachedTokens is null)
        {
            sequence.CachedTokens = sequence.Computed;
            QueriedTokens += sequence.PromptLength;
            HitTokens += sequence.Computed;
        }
    }
}
