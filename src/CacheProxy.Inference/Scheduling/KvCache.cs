using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Prefix;
using CacheProxy.Inference.Tiers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Inference.Scheduling;

/// <summary>The prefix tree together with the runner whose KV it describes, the tiers behind it and the pins in it: what admission asks. Engine thread alone.</summary>
internal sealed class KvCache : IPrefixObserver, IDisposable
{
    /// <summary>Blocks remembered beyond those that pool and tiers hold: 4 turnovers, by the trace's reuse distances.</summary>
    private const int HistoryTurnovers = 4;

    private const int MaxHistory = 1 << 22;

    /// <summary>How long the engine thread sleeps when all it has are loads: a request that comes meanwhile waits no longer than this.</summary>
    private static readonly TimeSpan LoadPoll = TimeSpan.FromMilliseconds(5);

    /// <summary>For writing to disk what memory holds; a gigabyte takes a few seconds.</summary>
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(10);

    private readonly IModelRunner _runner;
    private readonly TimeProvider _time;
    private readonly BlockMetrics? _metrics;
    private readonly KvTiers? _tiers;
    private readonly TransferRate _prefillRate;
    private bool _isDistrusted;

    public KvCache(IModelRunner runner, KvCacheOptions? options = null, TimeProvider? time = null, BlockMetrics? metrics = null, ILogger? logger = null)
    {
        options ??= new KvCacheOptions();
        (_runner, _time, _metrics) = (runner, time ?? TimeProvider.System, metrics);
        _prefillRate = new TransferRate(_time);
        long blocks = runner.BlockCount + (long)KvTiers.RamBlocksOf(options.Tiers, runner) + KvTiers.DiskBlocksOf(options.Tiers, runner);
        var history = new BlockHistory((int)Math.Min(MaxHistory, HistoryTurnovers * blocks));
        Tree = new PrefixTree(runner.BlockCount, runner.BlockSize, new PrefixTreeOptions
        {
            Fingerprint = runner.Fingerprint,
            Policy = options.LeastRecentlyUsed
                ? EvictionPolicy.LeastRecentlyUsed(blocks, runner.BlockSize)
                : new EvictionPolicy(blocks, runner.BlockSize),
            History = history,
            Observer = this,
            Time = _time,
        });
        Slide = new ContextSlide(runner, Tree);
        Pins = new PinBook(Tree, _time, (int)(options.MaxPinnedShare * runner.BlockCount));
        MaxPinTtl = options.MaxPinTtl;
        if (blocks > runner.BlockCount)
        {
            _tiers = new KvTiers(runner, options.Tiers, history, _time, logger ?? NullLogger.Instance);
            Tree.Cached.Clock = _tiers.NewestStamp;
        }
    }

    public PrefixTree Tree { get; }

    /// <summary>Takes blocks back from sequences whose old tokens are read no more.</summary>
    public ContextSlide Slide { get; }

    public PinBook Pins { get; }

    public TimeSpan MaxPinTtl { get; }

    /// <summary>Null: there are none.</summary>
    public KvTiers? Tiers => _tiers;

    public long BlockBytes => _runner.BlockBytes;

    public TimeProvider Time => _time;

    /// <summary>Prompt tokens of first admissions, and how many of them were found.</summary>
    public long QueriedTokens { get; private set; }

    public long HitTokens { get; private set; }

    public long FailedCopies { get; private set; }

    /// <summary>
    /// Gives a sequence blocks for all its tokens, those of the match shared, and copies the match's tail. Where the tiers have more of it
    /// than the tree and that is worth loading, the load begins and the sequence waits for it.
    /// Refuses before it changes anything when the blocks do not fit.
    /// </summary>
    /// <param name="headroom">Blocks that must stay available for the sequences that run already.</param>
    public bool TryAdmit(Sequence sequence, PrefixMatch match, int headroom)
    {
        Pins.Expire();
        // A sequence that will have to leave blocks behind gets them step by step, and nothing is loaded for it.
        bool isWhole = Slide.Most(sequence.TokenCount) >= BlocksFor(sequence.TokenCount);
        int reach = isWhole ? sequence.TokenCount : Slide.Reach(sequence.TokenCount, match.Tokens);
        int needed = Math.Max(BlocksFor(reach), Slide.Most(sequence.TokenCount)) - match.FullBlocks + headroom;
        // Nothing runs, so nothing will free blocks: what stands in the way are pins.
        while (headroom == 0 && needed > Tree.AvailableCount - Tree.CachedBlocksOf(match) && Pins.TryYield())
        {
        }

        if (needed > Tree.AvailableCount - Tree.CachedBlocksOf(match))
        {
            return false;
        }

        Pins.RefreshAlong(match);
        sequence.Load = isWhole && !sequence.NeedsPromptLogits
            ? _tiers?.Plan(match.Tip?.Key ?? Tree.RootKeyOf(sequence.Salt), sequence.Tokens[..^1], match.FullBlocks, _prefillRate) : null;
        PrefixLease lease = Tree.Lease(sequence.Salt, match);
        sequence.Lease = lease;
        int tail = sequence.Load is null ? CopyTail(lease, match) : 0;
        if (!lease.TryReserve(reach))
        {
            throw new InvalidOperationException("The KV pool had fewer blocks available than it counted.");
        }

        sequence.Computed = (match.FullBlocks * Tree.BlockSize) + tail;
        if (sequence.Load is null)
        {
            CountHit(sequence);
        }

        return true;
    }

    /// <summary>The longest known prefix that the sequence can use.</summary>
    public PrefixMatch Match(Sequence sequence)
        => Tree.Match(sequence.Salt, sequence.Tokens[..(sequence.NeedsPromptLogits ? 0 : Slide.MatchLimit(sequence.TokenCount))]);

    /// <summary>Where the tree keeps the KV of sequences of at most so many tokens.</summary>
    public string SaltOf(string salt, int totalLength) => KvSalt.Of(salt, _runner.KvVariant(totalLength));

    public int BlocksFor(int tokens) => (tokens + Tree.BlockSize - 1) / Tree.BlockSize;

    /// <summary>Goes on with the loads of running sequences. What arrives is found by others at once.</summary>
    /// <returns>There are loads, and none of them got any further.</returns>
    public bool AdvanceLoads(SequenceList running, long now)
    {
        if (_tiers is null)
        {
            return false;
        }

        _tiers.Drain();
        bool waits = false, moved = false;
        foreach (Sequence sequence in running)
        {
            if (sequence.Load is not { } load)
            {
                continue;
            }

            int placed = _tiers.Advance(load, sequence.Lease!, sequence.Tokens);
            sequence.Computed += placed * Tree.BlockSize;
            sequence.ServedAt = now;
            waits = true;
            moved |= placed > 0 || load.IsDone;
            if (load.IsDone)
            {
                EndLoad(sequence);
                CountHit(sequence);
            }
        }

        return waits && !moved;
    }

    /// <summary>The sequence gives its blocks back, or has what could be loaded.</summary>
    public void EndLoad(Sequence sequence)
    {
        if (sequence.Load is { } load)
        {
            sequence.Load = null;
            _tiers!.End(load);
        }
    }

    /// <summary>Sleeps until the disk has read something; for a step that had nothing else to do.</summary>
    public void WaitForLoads() => _tiers?.WaitForDisk(LoadPoll);

    /// <summary>A step computed prompts: what loading has to beat.</summary>
    public void ObservePrefill(int tokens, TimeSpan elapsed) => _prefillRate.Observe(tokens, elapsed);

    /// <summary>Forgets all blocks, pins and tier entries that no sequence uses.</summary>
    /// <param name="salt">Null: of every salt.</param>
    /// <returns>Blocks forgotten in pool and tiers.</returns>
    public int Reset(string? salt)
    {
        int blocks = 0;
        for (int variant = _runner.KvVariant(_runner.ContextLength); variant >= 0; variant--)
        {
            string? known = salt is null ? null : KvSalt.Of(salt, variant);
            Pins.Clear(known);
            blocks += Tree.Clear(known) + (_tiers?.Clear(known is null ? null : Tree.RootKeyOf(known)) ?? 0);
        }

        if (salt is null)
        {
            Tree.History.Clear();
        }

        return blocks;
    }

    /// <summary>Something has gone wrong in the middle of a change: what the tree says of the pool is nothing to keep.</summary>
    public void Distrust() => _isDistrusted = true;

    /// <summary>The engine ends and nothing runs any more: what is cached goes to disk, as far as the time allows.</summary>
    public void Dispose()
    {
        if (_isDistrusted)
        {
            _tiers?.Dispose();
            return;
        }

        _tiers?.Close(Tree.FullNodes.Where(node => Tree.Pool.HoldersOf(node.Block) == 0), CloseLimit);
    }

    bool IPrefixObserver.Evicting(PrefixNode node)
    {
        _metrics?.RecordEviction(_time.GetElapsedTime(node.KnownSince), _time.GetElapsedTime(node.UsedAt));
        return node.IsFull && _tiers?.TryKeep(node) == true;
    }

    int? IPrefixObserver.RecallUses(BlockKey key) => _tiers?.UsesOf(key);

    void IPrefixObserver.Reused(PrefixNode node, long previousUse) => _metrics?.RecordReuse(_time.GetElapsedTime(previousUse));

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
            _runner.CopyBlock(source, lease.BlockTable[index], match.TailTokens);
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
            sequence.Output.Begin(sequence.Computed);
            QueriedTokens += sequence.PromptLength;
            HitTokens += sequence.Computed;
        }
    }
}
