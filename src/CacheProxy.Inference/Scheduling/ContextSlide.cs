using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Prefix;

namespace CacheProxy.Inference.Scheduling;

/// <summary>
/// Gives back the blocks of running sequences that no later token reads, where the model forgets what lies behind a window.
/// </summary>
/// <remarks>
/// A block that the tree knows is held together with all before it. So a sequence first takes copies of the ones it still reads
/// and leaves the tree; from then on it publishes nothing, and its blocks go as they fall out of sight. Blocks in the tree are
/// worth keeping for others, so that happens only once the pool gets short.
/// </remarks>
internal sealed class ContextSlide
{
    private readonly IModelRunner _runner;
    private readonly PrefixTree _tree;
    private readonly KvRetention _retention;
    private readonly int _stepBlocks;

    public ContextSlide(IModelRunner runner, PrefixTree tree)
    {
        (_runner, _tree) = (runner, tree);
        _retention = Slides(runner) ? runner.Retention : default;
        _stepBlocks = BlocksFor(runner.MaxBatchTokens);
    }

    /// <summary>Whether sequences may outgrow the pool: it must hold what is read twice over, for the copies, and a step's new tokens.</summary>
    public static bool Slides(IModelRunner runner) =>
        runner.Retention is { IsBounded: true } read && (long)runner.BlockCount * runner.BlockSize >= (2L * (read.Sinks + read.Window)) + runner.MaxBatchTokens + (4 * runner.BlockSize);

    /// <summary>Tokens that a sequence must have blocks for before a step: all, or those that the step can reach.</summary>
    public int Reach(Sequence sequence) => Reach(sequence.TokenCount, sequence.Computed);

    public int Reach(int tokens, int computed) => _retention.IsBounded ? Math.Min(tokens, computed + _runner.MaxBatchTokens) : tokens;

    /// <summary>The most blocks that a sequence of so many tokens has to hold at once.</summary>
    public int Most(int tokens) => _retention.IsBounded
        ? Math.Min(BlocksFor(tokens), (2 * BlocksFor(_retention.Sinks + _retention.Window)) + _stepBlocks)
        : BlocksFor(tokens);

    /// <summary>
    /// Tokens at the start that may be taken from the cache: a match is held whole, so it must leave the room that going on needs
    /// where all tokens together do not fit the pool.
    /// </summary>
    public int MatchLimit(int tokens) => BlocksFor(tokens) <= Most(tokens)
        ? tokens
        : Math.Min(tokens, ((_tree.BlockCount - Most(tokens)) * _tree.BlockSize) + 1);

    /// <summary>Gives up what the sequence's next token and all later ones do not read.</summary>
    /// <param name="running">Sequences that share the pool.</param>
    public void GiveUp(Sequence sequence, int running)
    {
        PrefixLease lease = sequence.Lease!;
        int sinks = _retention.Sinks / _tree.BlockSize, first = _retention.FirstToken(sequence.Computed) / _tree.BlockSize;
        if (!_retention.IsBounded || first <= sinks || sequence.Load is not null)
        {
            return;
        }

        if (!lease.IsDetached)
        {
            int copies = Math.Min(sinks, lease.PublishedBlocks) + Math.Max(0, lease.PublishedBlocks - first);
            bool isShort = _tree.AvailableCount < (2 * copies) + _stepBlocks + running;
            if (!isShort || !lease.TryDetach(sinks, first, (source, target) => _runner.CopyBlock(source, target, _tree.BlockSize)))
            {
                return;
            }
        }

        lease.GiveUp(sinks, first);
    }

    private int BlocksFor(int tokens) => (tokens + _tree.BlockSize - 1) / _tree.BlockSize;
}
