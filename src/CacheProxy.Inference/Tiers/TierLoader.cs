using System.Diagnostics;
using CacheProxy.Inference.Execution;
using CacheProxy.Inference.Prefix;

namespace CacheProxy.Inference.Tiers;

/// <summary>Brings blocks from the tiers back into the pool, when that is faster than computing them. Engine thread alone; the disk is read by its own thread.</summary>
internal sealed class TierLoader(IModelRunner runner, RamTier ram, DiskTier? disk, BlockBuffers buffers, TimeProvider time)
{
    /// <summary>Read ahead and not yet in the pool: a step of other requests must not stop the disk.</summary>
    private const long MaxStagedBytes = 128L << 20;

    /// <summary>Copied into the pool between two steps: some 10 ms, the gap that other answers see.</summary>
    private const long MaxBytesPerStep = 32L << 20;

    /// <summary>A load that got no further for this long goes on without the disk: computing takes seconds, a disk that hangs takes forever.</summary>
    private static readonly TimeSpan MaxReadWait = TimeSpan.FromSeconds(5);

    private readonly TransferRate _diskRate = new(time);
    private readonly TransferRate _poolRate = new(time);
    private long _stagedBytes;
    private bool _isDiskStuck;

    public required Action<TierEntry> Damaged { get; init; }

    public required Action<TierEntry> Unused { get; init; }

    public long RamHitTokens { get; private set; }

    public long DiskHitTokens { get; private set; }

    public long Declined { get; private set; }

    /// <summary>Holds a run of entries for loading, if its time by the measured rates is below that of computing its tokens. What is not measured yet is tried.</summary>
    /// <param name="prefill">Prompt tokens per second.</param>
    public TierLoad? Plan(TierEntry[] run, int firstBlock, TransferRate prefill)
    {
        run = _isDiskStuck ? [.. run.TakeWhile(IsInMemory)] : run;
        if (run.Length == 0)
        {
            return null;
        }

        long onDisk = run.Count(entry => entry.Ram is null) * runner.BlockBytes;
        double loading = _diskRate.SecondsFor(onDisk + _stagedBytes) + _poolRate.SecondsFor(run.Length * runner.BlockBytes);
        if (prefill.PerSecond is not null && loading > prefill.SecondsFor(run.Length * runner.BlockSize))
        {
            Declined++;
            return null;
        }

        foreach (TierEntry entry in run)
        {
            if (entry.Loads++ == 0)
            {
                Unrank(entry);
            }
        }

        var load = new TierLoad(run, firstBlock) { ProgressAt = time.GetTimestamp() };
        IssueReads(load);
        return load;
    }

    /// <summary>Puts what has arrived into the lease's blocks and publishes it, a bounded number of bytes at a time.</summary>
    /// <param name="tokens">The sequence's tokens.</param>
    /// <returns>Blocks placed. The load is over when it says so.</returns>
    public int Advance(TierLoad load, PrefixLease lease, ReadOnlySpan<int> tokens)
    {
        int before = load.Placed;
        long start = Stopwatch.GetTimestamp();
        long most = Math.Max(1, MaxBytesPerStep / runner.BlockBytes);
        while (load.Placed < load.Entries.Length && load.Placed - before < most && TryPlace(load, lease, tokens))
        {
        }

        if (load.Placed > before)
        {
            _poolRate.Observe((load.Placed - before) * runner.BlockBytes, Stopwatch.GetElapsedTime(start));
            load.ProgressAt = time.GetTimestamp();
        }
        else if (time.GetElapsedTime(load.ProgressAt) >= MaxReadWait)
        {
            load.IsDone = _isDiskStuck = true;
        }

        IssueReads(load);
        load.IsDone |= load.Placed == load.Entries.Length;
        return load.Placed - before;
    }

    /// <summary>Lets go of a load's entries, wherever it stands.</summary>
    public void End(TierLoad load)
    {
        load.IsDone = true;
        for (int index = 0; index < load.Entries.Length; index++)
        {
            if (load.Reads[index] is { } read)
            {
                Abandon(read);
                load.Reads[index] = null;
            }

            Release(load.Entries[index], wasPlaced: index < load.Placed);
        }
    }

    /// <summary>A read is back from the disk's thread.</summary>
    public void Take(DiskRead read)
    {
        read.IsDone = true;
        _isDiskStuck = false;
        if (read.IsGood)
        {
            _diskRate.Observe(runner.BlockBytes, read.Elapsed);
        }

        if (read.IsAbandoned)
        {
            ReturnStaged(read);
        }
    }

    private bool TryPlace(TierLoad load, PrefixLease lease, ReadOnlySpan<int> tokens)
    {
        TierEntry entry = load.Entries[load.Placed];
        DiskRead? read = load.Reads[load.Placed];
        BlockBuffer? source = entry.Ram?.Buffer ?? entry.Disk?.Unwritten;
        if (source is null)
        {
            if (read is null && entry.Disk is not null)
            {
                // It was on its way to the disk when reads were issued, and has got there.
                load.Reads[load.Placed] = StartRead(entry);
                return false;
            }

            if (read is { IsDone: false })
            {
                return false;
            }

            source = read is { IsGood: true } ? read.Buffer : null;
        }

        if (source is null || !TryWritePool(lease.BlockTable[load.FirstBlock + load.Placed], source))
        {
            load.IsDone = true;
            if (read is { IsGood: false })
            {
                Damaged(entry);
            }

            return false;
        }

        Count(entry);
        if (read is not null)
        {
            Abandon(read);
            load.Reads[load.Placed] = null;
        }

        load.Placed++;
        lease.Publish(tokens[..((load.FirstBlock + load.Placed) * runner.BlockSize)]);
        return true;
    }

    private bool TryWritePool(int block, BlockBuffer source)
    {
        try
        {
            runner.WriteBlock(block, source.Bytes);
            return true;
        }
        catch (Exception)
        {
            // The block is the lease's own and not published: computing its tokens puts it right.
            return false;
        }
    }

    private void Count(TierEntry entry)
    {
        if (entry.Ram is not null)
        {
            RamHitTokens += runner.BlockSize;
        }
        else
        {
            DiskHitTokens += runner.BlockSize;
        }
    }

    private void IssueReads(TierLoad load)
    {
        while (!load.IsDone && load.Issued < load.Entries.Length && _stagedBytes < MaxStagedBytes)
        {
            TierEntry entry = load.Entries[load.Issued];
            if (!IsInMemory(entry) && entry.Disk is not null)
            {
                load.Reads[load.Issued] = StartRead(entry);
            }

            load.Issued++;
        }
    }

    private static bool IsInMemory(TierEntry entry) => entry.Ram is not null || entry.Disk?.Unwritten is not null;

    private DiskRead StartRead(TierEntry entry)
    {
        _stagedBytes += runner.BlockBytes;
        return disk!.Read(entry, buffers.Rent());
    }

    private void Abandon(DiskRead read)
    {
        read.IsAbandoned = true;
        if (read.IsDone)
        {
            ReturnStaged(read);
        }
    }

    private void ReturnStaged(DiskRead read)
    {
        _stagedBytes -= runner.BlockBytes;
        buffers.Return(read.Buffer);
    }

    private void Release(TierEntry entry, bool wasPlaced)
    {
        if (--entry.Loads > 0)
        {
            return;
        }

        if (wasPlaced && entry.Ram is { } copy)
        {
            // It is in the pool now, and comes back here when the pool gives it up.
            buffers.Return(ram.Remove(copy));
        }

        if (entry.IsGone)
        {
            Unused(entry);
            return;
        }

        if (entry.Ram is not null)
        {
            ram.Rank(entry.Ram);
        }

        if (entry.Disk is not null)
        {
            entry.Disk.IsSpare = wasPlaced || entry.Ram is not null;
            disk!.Rank(entry.Disk);
        }
    }

    private void Unrank(TierEntry entry)
    {
        if (entry.Ram is not null)
        {
            ram.Unrank(entry.Ram);
        }

        if (entry.Disk is not null)
        {
            disk!.Unrank(entry.Disk);
        }
    }
}
