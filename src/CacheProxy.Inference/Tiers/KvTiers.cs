using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Prefix;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Inference.Tiers;

/// <summary>
/// Blocks beyond the pool: what it evicts goes to memory, what falls out of memory goes to disk, each tier keeping what is worth most
/// by the tree's own policy. A block that is wanted again is put back into the pool under the lease that wants it. In memory a
/// block is in one place only; on disk it stays, for coming back costs a write. Engine thread alone.
/// </summary>
internal sealed class KvTiers : IDisposable
{
    private const int KeptBuffers = 8;

    private readonly IModelRunner _runner;
    private readonly BlockHistory _history;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<BlockKey, TierEntry> _entries = [];
    private readonly BlockBuffers _buffers;
    private readonly RamTier _ram;
    private readonly DiskTier? _disk;
    private readonly TierSpiller _spiller;
    private readonly TierLoader _loader;
    private long _dropped;
    private long _damaged;

    /// <param name="history">Remembers what falls out of the last tier.</param>
    public KvTiers(IModelRunner runner, KvTierOptions options, BlockHistory history, TimeProvider time, ILogger logger)
    {
        (_runner, _history, _time, _logger) = (runner, history, time, logger);
        int blockBytes = checked((int)runner.BlockBytes);
        _buffers = new BlockBuffers(blockBytes, KeptBuffers);
        _ram = new RamTier(RamBlocksOf(options, runner));
        _disk = OpenDisk(options);
        _entries = _disk?.Restore() ?? _entries;
        NewestStamp = _entries.Count == 0 ? 0 : _entries.Values.Max(entry => entry.Stamp);
        _spiller = new TierSpiller(runner, _entries, _ram, _disk, _buffers, logger) { Unused = ForgetIfGone };
        _loader = new TierLoader(runner, _ram, _disk, _buffers, time) { Damaged = DropDamaged, Unused = ForgetIfGone };
        if (_disk is { Count: > 0 })
        {
            TierLog.Restored(_logger, _disk.Count, options.DiskPath!);
        }
    }

    /// <summary>The latest logical time among the blocks found at the start; the tree's clock has to go on from there.</summary>
    public long NewestStamp { get; }

    public TierCounts Counts => new(
        _ram.Count, _disk?.Count ?? 0, _loader.RamHitTokens, _loader.DiskHitTokens, _spiller.Spilled, _dropped + _spiller.Dropped, _damaged, _loader.Declined);

    internal IReadOnlyDictionary<BlockKey, TierEntry> Entries => _entries;

    internal RamTier Ram => _ram;

    internal DiskTier? Disk => _disk;

    public static int RamBlocksOf(KvTierOptions options, IModelRunner runner) => (int)Math.Min(int.MaxValue, options.RamBytes / Math.Max(1, runner.BlockBytes));

    public static int DiskBlocksOf(KvTierOptions options, IModelRunner runner) =>
        (int)Math.Min(int.MaxValue, options.DiskBytes / DiskFiles.BytesPerBlock((int)runner.BlockBytes, runner.BlockSize));

    /// <inheritdoc cref="TierSpiller.TryKeep"/>
    public bool TryKeep(PrefixNode node) => _spiller.TryKeep(node);

    /// <summary>How often a block had been found again; null where no tier has it.</summary>
    public int? UsesOf(BlockKey key) => _entries.TryGetValue(key, out TierEntry? entry) ? entry.Uses : null;

    /// <inheritdoc cref="TierLoader.Plan"/>
    public TierLoad? Plan(BlockKey past, ReadOnlySpan<int> tokens, int firstBlock, TransferRate prefill)
    {
        TierEntry[] run = [.. RunOf(past, tokens, firstBlock)];
        return run.Length == 0 ? null : _loader.Plan(run, firstBlock, prefill);
    }

    /// <summary>The entries that go on where the tree ends, for as long as there are any.</summary>
    public List<TierEntry> RunOf(BlockKey past, ReadOnlySpan<int> tokens, int firstBlock)
    {
        var run = new List<TierEntry>();
        int size = _runner.BlockSize;
        for (int block = firstBlock; _entries.Count > 0 && (block + 1) * size <= tokens.Length; block++)
        {
            ReadOnlySpan<int> wanted = tokens.Slice(block * size, size);
            BlockKey key = BlockKey.Next(past, wanted);
            if (!_entries.TryGetValue(key, out TierEntry? entry) || !entry.Is(past, wanted))
            {
                break;
            }

            run.Add(entry);
            past = key;
        }

        return run;
    }

    /// <inheritdoc cref="TierLoader.Advance"/>
    public int Advance(TierLoad load, PrefixLease lease, ReadOnlySpan<int> tokens)
    {
        Drain();
        return _loader.Advance(load, lease, tokens);
    }

    /// <inheritdoc cref="TierLoader.End"/>
    public void End(TierLoad load) => _loader.End(load);

    /// <summary>Waits until the disk has done something, for when there is nothing else to do.</summary>
    public void WaitForDisk(TimeSpan timeout) => _disk?.WaitForDone(timeout);

    /// <summary>Takes what the disk's thread has done since.</summary>
    public void Drain()
    {
        while (_disk is not null && _disk.TryTakeDone(out DiskJob? job))
        {
            switch (job)
            {
                case DiskRead read:
                    _loader.Take(read);
                    break;
                case DiskWrite write:
                    Take(write);
                    break;
                default:
                    TurnReadOnly(job.Failure);
                    break;
            }
        }
    }

    /// <summary>Forgets what no load wants, on disk too.</summary>
    /// <param name="root">Of one salt; null: all.</param>
    /// <returns>Blocks forgotten.</returns>
    public int Clear(BlockKey? root)
    {
        Drain();
        int cleared = 0;
        foreach (TierEntry entry in _entries.Values.Where(entry => entry.Loads == 0 && (root is null || entry.Root == root)).ToList())
        {
            if (entry.Ram is { } ram)
            {
                _buffers.Return(_ram.Remove(ram));
            }

            if (entry.Disk is { } disk)
            {
                _disk!.Erase(disk);
            }

            _entries.Remove(entry.Key);
            cleared++;
        }

        return cleared;
    }

    /// <summary>Moves what memory holds to disk, most valuable first, as far as the time allows, and closes the files.</summary>
    public void Close(IEnumerable<PrefixNode> pool, TimeSpan limit)
    {
        if (_disk is not null)
        {
            new TierShutdown(this, _disk, _time.GetTimestamp() + (long)(limit.TotalSeconds * _time.TimestampFrequency), _time).Run(pool);
        }

        Dispose();
    }

    public void Dispose()
    {
        _disk?.Dispose();
        Drain();
        foreach (TierEntry entry in _entries.Values)
        {
            entry.Ram?.Buffer.Free();
        }

        _entries.Clear();
        _buffers.Dispose();
    }

    /// <inheritdoc cref="TierSpiller.Demote"/>
    internal void Demote(RamCopy copy) => _spiller.Demote(copy);

    private void ForgetIfGone(TierEntry entry)
    {
        // The same block may have come back meanwhile, as an entry of its own.
        if (entry.IsGone && _entries.GetValueOrDefault(entry.Key) == entry)
        {
            _entries.Remove(entry.Key);
            _dropped++;
            _history.Add(entry.Key, entry.Uses, _time.GetTimestamp());
        }
    }

    private void DropDamaged(TierEntry entry)
    {
        _damaged++;
        if (entry.Disk is { } copy)
        {
            _disk!.Erase(copy);
        }

        TierLog.BlockDamaged(_logger);
        ForgetIfGone(entry);
    }

    private void Take(DiskWrite write)
    {
        write.Copy.Unwritten = null;
        write.Copy.Checksum = write.Checksum;
        _buffers.Return(write.Buffer);
        if (write.Failure is null)
        {
            return;
        }

        TurnReadOnly(write.Failure);
        if (write.Copy.Entry.Disk == write.Copy)
        {
            _disk!.Remove(write.Copy);
            ForgetIfGone(write.Copy.Entry);
        }
    }

    private void TurnReadOnly(Exception? failure)
    {
        if (failure is not null && _disk is { IsReadOnly: false })
        {
            _disk.IsReadOnly = true;
            TierLog.DiskFailed(_logger, failure.Message);
        }
    }

    private DiskTier? OpenDisk(KvTierOptions options)
    {
        int blocks = DiskBlocksOf(options, _runner);
        if (blocks == 0)
        {
            return null;
        }

        try
        {
            int blockBytes = (int)_runner.BlockBytes;
            return new DiskTier(DiskFiles.Open(options.DiskPath!, _runner.Fingerprint, blockBytes, _runner.BlockSize, options.WriteAt), blocks, blockBytes);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            TierLog.DiskUnusable(_logger, options.DiskPath!, failure.Message);
            return null;
        }
    }
}
