using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using CacheProxy.Exchange;

namespace CacheProxy.Stores.Sqlite;

/// <summary>
/// What waits for the writer, bounded in number and bytes. A full queue drops and counts: an entry that is not stored costs
/// one upstream call, a request that waits for a disk costs its user. Entries in the queue can be read back.
/// </summary>
internal sealed class WriteQueue(int capacity, long sizeLimitBytes)
{
    private readonly Channel<WriteOperation> _channel = Channel.CreateBounded<WriteOperation>(
        new BoundedChannelOptions(capacity) { SingleReader = true });

    private readonly ConcurrentDictionary<Fingerprint256, CacheEntry> _waiting = new();
    private TaskCompletionSource _hurry = NewHurry();
    private long _sizeBytes;
    private long _dropped;

    public ChannelReader<WriteOperation> Reader => _channel.Reader;

    /// <summary>Entries that were not stored: queue full, file not usable, or too large.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public bool TryGetWaiting(Fingerprint256 fingerprint, [NotNullWhen(true)] out CacheEntry? entry)
        => _waiting.TryGetValue(fingerprint, out entry);

    public void Add(CacheEntry entry, int sizeBytes)
    {
        if (Interlocked.Add(ref _sizeBytes, sizeBytes) > sizeLimitBytes)
        {
            Interlocked.Add(ref _sizeBytes, -sizeBytes);
            CountDropped();
            return;
        }

        // Before the operation is in the queue, else the writer could take it out before it is in here.
        _waiting[entry.Fingerprint] = entry;
        var operation = new WriteOperation.Set(entry, sizeBytes);
        if (!_channel.Writer.TryWrite(operation))
        {
            Leave(operation);
            CountDropped();
        }
        else if (_channel.Reader.Count >= capacity / 4)
        {
            Hurry();
        }
    }

    /// <summary>Waits for company to what is queued, but not where somebody waits for it to be done or the queue fills up.</summary>
    public async Task CollectAsync(TimeSpan interval)
    {
        // Real time: it is the disk's pace, not an entry's age.
        await Volatile.Read(ref _hurry).Task.WaitAsync(interval, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Before the queue is read: who hurries from here on comes with this batch or wakes the next.
        Volatile.Write(ref _hurry, NewHurry());
    }

    /// <summary>For what may be lost; false when it was.</summary>
    public bool TryAdd(WriteOperation operation)
    {
        bool isAdded = _channel.Writer.TryWrite(operation);
        if (operation is not WriteOperation.Touch)
        {
            Hurry();
        }

        return isAdded;
    }

    /// <summary>Waits for room.</summary>
    public async ValueTask AddAsync(WriteOperation operation, CancellationToken cancellationToken)
    {
        if (operation is WriteOperation.Remove remove)
        {
            _waiting.TryRemove(remove.Fingerprint, out _);
        }

        if (operation is WriteOperation.RemoveMatching matching)
        {
            foreach (KeyValuePair<Fingerprint256, CacheEntry> waiting in _waiting.Where(waiting => matching.Selector.Matches(waiting.Value)))
            {
                _waiting.TryRemove(waiting);
            }
        }

        await _channel.Writer.WriteAsync(operation, cancellationToken);
        Hurry();
    }

    /// <summary>The entry is written, or given up: it no longer takes room nor is read from here.</summary>
    public void Leave(WriteOperation.Set operation)
    {
        // Only this entry: a newer one of the same fingerprint may wait behind it.
        _waiting.TryRemove(KeyValuePair.Create(operation.Entry.Fingerprint, operation.Entry));
        Interlocked.Add(ref _sizeBytes, -operation.SizeBytes);
    }

    public void CountDropped() => Interlocked.Increment(ref _dropped);

    public void Complete()
    {
        _channel.Writer.TryComplete();
        Hurry();
    }

    private void Hurry() => Volatile.Read(ref _hurry).TrySetResult();

    private static TaskCompletionSource NewHurry() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
