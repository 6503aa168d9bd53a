using System.Collections.Concurrent;
using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Index;

/// <summary>
/// Questions in process memory: one signed byte and one sign bit per component, exact scan (by sign bits first where a partition is large).
/// Bounded by bytes; when full, the oldest question of any partition goes. Writers take one lock; searches never do.
/// </summary>
public sealed class MemoryVectorIndex : IVectorIndex, IDisposable
{
    /// <summary>Objects and table rows per question beside vector and text: record, text header, two tables, queue row.</summary>
    private const int OverheadBytes = 320;

    private const int MaximumNeighbours = 64;

    private readonly int _dimensions;
    private readonly int _vectorBytes;
    private readonly long _limitBytes;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<Fingerprint256, PartitionVectors> _partitions = new();
    private readonly Lock _writeLock = new();
    private readonly InsertionOrder _order = new();
    private long _bytes;
    private int _count;

    /// <param name="dimensions">Components of every vector.</param>
    /// <param name="limitBytes">Bound on vectors, texts and tables together.</param>
    public MemoryVectorIndex(int dimensions, long limitBytes, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(limitBytes, 1);
        _dimensions = dimensions;
        _limitBytes = limitBytes;
        _time = time;
        int padded = VectorQuantizer.PaddedLength(dimensions);
        _vectorBytes = padded + (padded / 8) + sizeof(float) + (2 * sizeof(long));
    }

    public string Name => "memory";

    public int Count => Volatile.Read(ref _count);

    /// <summary>Bytes of vectors, texts and tables, as the bound counts them.</summary>
    public long SizeBytes => Volatile.Read(ref _bytes);

    /// <summary>Bytes of one vector with what the scan needs beside it, without text.</summary>
    public int VectorBytes => _vectorBytes;

    /// <summary>Called, outside every lock, with each question that the byte bound or its expiry pushed out.</summary>
    public Action<IndexedQuestion>? Dropped { get; set; }

    /// <summary>Told of every question; set before the first one.</summary>
    public IQuestionMirror? Mirror { get; set; }

    public ValueTask<IReadOnlyList<Neighbour>> SearchAsync(
        Fingerprint256 partition, ReadOnlyMemory<float> vector, int count, float minimumSimilarity, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        Neighbour[] found = new Neighbour[Math.Min(count, MaximumNeighbours)];
        int length = Search(partition, vector.Span, minimumSimilarity, found);
        return new(length == found.Length ? found : found[..length]);
    }

    /// <summary>The search without allocation: fills <paramref name="found"/>, best first.</summary>
    /// <returns>How many were found.</returns>
    /// <exception cref="ArgumentException">The vector has the wrong length, is zero, or is not finite.</exception>
    public int Search(Fingerprint256 partition, ReadOnlySpan<float> vector, float minimumSimilarity, Span<Neighbour> found)
    {
        float norm = VectorQuantizer.RequireUsable(vector, _dimensions);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(found.Length, MaximumNeighbours);
        return _partitions.TryGetValue(partition, out PartitionVectors? vectors)
            ? vectors.Search(vector, norm, minimumSimilarity, _time.GetUtcNow().UtcTicks, found)
            : 0;
    }

    public ValueTask UpsertAsync(IndexedQuestion question, ReadOnlyMemory<float> vector, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Upsert(question, vector.Span);
        return ValueTask.CompletedTask;
    }

    /// <exception cref="ArgumentException">The vector has the wrong length, is zero, or is not finite.</exception>
    public void Upsert(IndexedQuestion question, ReadOnlySpan<float> vector)
    {
        float norm = VectorQuantizer.RequireUsable(vector, _dimensions);
        List<IndexedQuestion>? evicted;
        lock (_writeLock)
        {
            Mirror?.Adding(question);
            PartitionVectors partition = _partitions.GetOrAdd(question.Partition, static (_, dimensions) => new PartitionVectors(dimensions), _dimensions);
            long stamp = _order.Append(question.Partition, question.Fingerprint);
            IndexedQuestion? replaced = partition.Upsert(question, vector, norm, stamp);
            _bytes += BytesOf(question) - (replaced is null ? 0 : BytesOf(replaced));
            _count += replaced is null ? 1 : 0;
            evicted = EvictOldest_NeedsLock();
        }

        Report(evicted);
    }

    /// <summary>Adds the question unless one of its fingerprint is there: what is being indexed now is younger than what was stored.</summary>
    /// <returns>True when it was added.</returns>
    /// <exception cref="ArgumentException">The vector has the wrong length, is zero, or is not finite.</exception>
    public bool TryInsert(IndexedQuestion question, ReadOnlySpan<float> vector)
    {
        if (_partitions.TryGetValue(question.Partition, out PartitionVectors? partition) && partition.Find(question.Fingerprint) is not null)
        {
            return false;
        }

        Upsert(question, vector);
        return true;
    }

    public ValueTask RemoveAsync(Fingerprint256 partition, Fingerprint256 fingerprint, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Remove(partition, fingerprint);
        return ValueTask.CompletedTask;
    }

    public void Remove(in Fingerprint256 partition, in Fingerprint256 fingerprint)
    {
        lock (_writeLock)
        {
            Remove_NeedsLock(partition, fingerprint, stamp: null);
        }
    }

    public ValueTask RemoveAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
    {
        HashSet<Fingerprint256> gone = [.. fingerprints];
        lock (_writeLock)
        {
            foreach (InsertionOrder.Row row in _order.Rows.Where(row => gone.Contains(row.Fingerprint)).ToArray())
            {
                Remove_NeedsLock(row.Partition, row.Fingerprint, row.Stamp);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Removes what is no longer usable; a search passes it over already, this gives its memory back.</summary>
    /// <returns>How many were removed.</returns>
    public int RemoveExpired()
    {
        long now = _time.GetUtcNow().UtcTicks;
        List<IndexedQuestion> removed = [];
        List<Fingerprint256> expired = [];
        foreach ((Fingerprint256 key, PartitionVectors partition) in _partitions)
        {
            expired.Clear();
            partition.CollectExpired(now, expired);
            RemoveStillExpired(key, expired, now, removed);
        }

        Report(removed);
        return removed.Count;
    }

    public void Dispose()
    {
        foreach (PartitionVectors partition in _partitions.Values)
        {
            partition.Dispose();
        }
    }

    private void RemoveStillExpired(Fingerprint256 partition, List<Fingerprint256> expired, long nowTicks, List<IndexedQuestion> removed)
    {
        foreach (Fingerprint256 fingerprint in expired)
        {
            lock (_writeLock)
            {
                // It may have been replaced by a fresh one since it was collected.
                if (_partitions.TryGetValue(partition, out PartitionVectors? vectors)
                    && vectors.Find(fingerprint) is { } question && question.UsableUntil.UtcTicks <= nowTicks
                    && Remove_NeedsLock(partition, fingerprint, stamp: null) is { } gone)
                {
                    removed.Add(gone);
                }
            }
        }
    }

    private List<IndexedQuestion>? EvictOldest_NeedsLock()
    {
        List<IndexedQuestion>? evicted = null;
        while (_bytes > _limitBytes && _order.TryTakeOldest(out InsertionOrder.Row oldest))
        {
            if (Remove_NeedsLock(oldest.Partition, oldest.Fingerprint, oldest.Stamp) is { } gone)
            {
                (evicted ??= []).Add(gone);
            }
        }

        _order.CompactWhenMostlyStale(_count, IsCurrent_NeedsLock);
        return evicted;
    }

    private bool IsCurrent_NeedsLock(InsertionOrder.Row row)
        => _partitions.TryGetValue(row.Partition, out PartitionVectors? vectors) && vectors.StampOf(row.Fingerprint) == row.Stamp;

    private IndexedQuestion? Remove_NeedsLock(Fingerprint256 partition, Fingerprint256 fingerprint, long? stamp)
    {
        if (!_partitions.TryGetValue(partition, out PartitionVectors? vectors) || vectors.Remove(fingerprint, stamp) is not { } removed)
        {
            return null;
        }

        Mirror?.Removed(partition, fingerprint);
        _bytes -= BytesOf(removed);
        _count--;
        if (vectors.Count == 0)
        {
            // A search that still holds it finds it empty; it is not disposed because of that search.
            _partitions.TryRemove(partition, out _);
        }

        return removed;
    }

    private void Report(List<IndexedQuestion>? dropped)
    {
        if (dropped is not null && Dropped is { } report)
        {
            dropped.ForEach(report);
        }
    }

    private long BytesOf(IndexedQuestion question) => _vectorBytes + OverheadBytes + (Mirror?.QuestionBytes ?? 0) + (sizeof(char) * (long)question.Text.Length);
}
