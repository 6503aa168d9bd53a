using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Stores.Codec;

namespace CacheProxy.Stores.Memory;

/// <summary>
/// Entries in this process, bounded by their bytes. Reading takes no lock and allocates nothing; a write takes one
/// short lock, which is no matter beside the upstream call that came before it.
/// </summary>
public sealed class MemoryEntryStore : IEntryStore, IDisposable
{
    // One entry may take an eighth of the room: a larger one would drive out too many others.
    private const int LargestEntryShare = 8;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<Fingerprint256, MemoryNode> _nodes = new();
    private readonly IEvictionPolicy _policy;
    private readonly TimeProvider _time;
    private readonly ITimer _sweepTimer;
    private long _evictions;

    /// <param name="sizeLimitBytes">By <see cref="EntrySize"/>; 0 keeps nothing.</param>
    public MemoryEntryStore(long sizeLimitBytes, TimeProvider time) : this(sizeLimitBytes, time, new CostAwarePolicy(sizeLimitBytes)) { }

    internal MemoryEntryStore(long sizeLimitBytes, TimeProvider time, IEvictionPolicy policy)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeLimitBytes);
        SizeLimitBytes = sizeLimitBytes;
        _time = time;
        _policy = policy;
        _sweepTimer = time.CreateTimer(static store => ((MemoryEntryStore)store!).Sweep(), this, SweepInterval, SweepInterval);
    }

    public string Name => "memory";

    public long SizeLimitBytes { get; }

    public long SizeBytes
    {
        get
        {
            lock (_lock)
            {
                return _policy.SizeBytes;
            }
        }
    }

    public int Count => _nodes.Count;

    /// <summary>Entries that left for want of room since the start; expired ones are not counted.</summary>
    public long Evictions => Interlocked.Read(ref _evictions);

    /// <summary>The entry, fresh or stale; false when absent or past its use. 0 bytes allocated.</summary>
    public bool TryGet(Fingerprint256 fingerprint, [NotNullWhen(true)] out CacheEntry? entry)
    {
        if (_nodes.TryGetValue(fingerprint, out MemoryNode? node) && node.UsableUntilTicks > _time.GetUtcNow().UtcTicks)
        {
            _policy.OnHit(node);
            entry = node.Entry;
            return true;
        }

        entry = null;
        return false;
    }

    /// <summary>False when it is too large to be kept, or past its use already.</summary>
    public bool Set(CacheEntry entry)
    {
        var node = new MemoryNode(entry, EntrySize.Estimate(entry));
        lock (_lock)
        {
            MemoryNode? replaced = Remove_NeedsLock(entry.Fingerprint);
            if (node.SizeBytes > SizeLimitBytes / LargestEntryShare || node.UsableUntilTicks <= _time.GetUtcNow().UtcTicks)
            {
                return false;
            }

            _nodes[entry.Fingerprint] = node;
            _policy.Add_NeedsLock(node, replaced);
            while (_policy.SizeBytes > SizeLimitBytes)
            {
                _nodes.TryRemove(_policy.Evict_NeedsLock().Entry.Fingerprint, out _);
                _evictions++;
            }
        }

        return true;
    }

    /// <summary>True when an entry was there.</summary>
    public bool Remove(Fingerprint256 fingerprint)
    {
        lock (_lock)
        {
            return Remove_NeedsLock(fingerprint) is not null;
        }
    }

    public ValueTask<CacheEntry?> GetAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken)
        => ValueTask.FromResult(TryGet(fingerprint, out CacheEntry? entry) ? entry : null);

    public ValueTask SetAsync(CacheEntry entry, CancellationToken cancellationToken)
    {
        Set(entry);
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> RetagAsync(CacheEntry entry, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return ValueTask.FromResult(
                _nodes.TryGetValue(entry.Fingerprint, out MemoryNode? node) && node.Entry.Id == entry.Id && Set(node.Entry with { Tags = tags }));
        }
    }

    public ValueTask<bool> RemoveAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken)
        => ValueTask.FromResult(Remove(fingerprint));

    public ValueTask<long> CountAsync(EntrySelector selector, CancellationToken cancellationToken)
        => ValueTask.FromResult(_nodes.LongCount(pair => selector.Matches(pair.Value.Entry)));

    public ValueTask<long> RemoveAsync(EntrySelector selector, Action<Fingerprint256>? removed, CancellationToken cancellationToken)
    {
        long count = 0;
        foreach ((Fingerprint256 fingerprint, MemoryNode node) in _nodes)
        {
            if (selector.Matches(node.Entry) && TryRemove(fingerprint, node))
            {
                count++;
                removed?.Invoke(fingerprint);
            }
        }

        return ValueTask.FromResult(count);
    }

    public async IAsyncEnumerable<CacheEntry> ReadAsync(
        EntrySelector selector, Fingerprint256? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        long now = _time.GetUtcNow().UtcTicks;
        IEnumerable<CacheEntry> found = _nodes.Values
            .Where(node => node.UsableUntilTicks > now && selector.Matches(node.Entry))
            .Select(node => node.Entry)
            .Where(entry => after is not { } last || entry.Fingerprint.Order > last.Order)
            .OrderBy(entry => entry.Fingerprint.Order);
        foreach (CacheEntry entry in found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return entry;
        }
    }

    public void Dispose() => _sweepTimer.Dispose();

    // Reads already skip what is past its use; this gives its bytes back without waiting for an eviction.
    private void Sweep()
    {
        DateTimeOffset now = _time.GetUtcNow();
        foreach ((Fingerprint256 fingerprint, MemoryNode node) in _nodes)
        {
            if (node.UsableUntilTicks <= now.UtcTicks || node.Entry.IsAheadOf(now))
            {
                TryRemove(fingerprint, node);
            }
        }
    }

    // Only this node: a fresh entry may have taken its place since it was seen.
    private bool TryRemove(Fingerprint256 fingerprint, MemoryNode node)
    {
        lock (_lock)
        {
            if (!_nodes.TryRemove(KeyValuePair.Create(fingerprint, node)))
            {
                return false;
            }

            _policy.Remove_NeedsLock(node);
            return true;
        }
    }

    private MemoryNode? Remove_NeedsLock(Fingerprint256 fingerprint)
    {
        if (!_nodes.TryRemove(fingerprint, out MemoryNode? node))
        {
            return null;
        }

        _policy.Remove_NeedsLock(node);
        return node;
    }
}
