using System.Collections.Concurrent;
using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Index;

/// <summary>
/// Questions in process memory: one signed byte and one sign bit per component, exact scan (by sign bits first where a partition is large).
/// Bounded by bytes; when full, the oldest question of any partition goes. Writers take one lock; searches take none.
/// </summary>
public sealed class MemoryVectorIndex : IVectorIndex, IDisposable
{
    /// <summary>Place in the fingerprint table: 4 bytes, filled to between 53 and 80 %.</summary>
    private const int TableBytes = 7;

    /// <summary>Header, length and end of a string, and the reference to it.</summary>
    private const int TextOverheadBytes = 30;

    /// <summary>A partition's objects, arrays and table rows.</summary>
    private const int PartitionBytes = 900;

    private const int MaximumNeighbours = 64;

    private readonly int _dimensions;
    private readonly int _vectorBytes;
    private readonly long _limitBytes;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<Fingerprint256, PartitionVectors> _partitions = new();
    private readonly Lock _writeLock = new();
    private readonly SignSketch _sketch;

    // Every partition once, by the stamp of its oldest question when it was put here: a lower bound of what it is now.
    private readonly PriorityQueue<PartitionVectors, long> _byAge = new();
    private long _lastStamp;
    private int _partitionCount;
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
        _sketch = new SignSketch(padded);
        _vectorBytes = padded + (padded / 8) + VectorBlock.SlotBytes + TableBytes;
    }

    public string Name => "memory";

    public int Count => Volatile.Read(ref _count);

    /// <summary>Bytes of vectors, texts and tables, as the bound counts them.</summary>
    public long SizeBytes => Volatile.Read(ref _bytes);

    /// <summary>Bytes of one question with all that is kept of it but its text.</summary>
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

    /// <summary>Fills <paramref name="found"/>, best first; allocates nothing but the questions found.</summary>
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
            PartitionVectors partition = PartitionFor_NeedsLock(question.Partition);
            IndexedQuestion? replaced = partition.Upsert(question, vector, norm, ++_lastStamp);
            if (replaced is null)
            {
                Volatile.Write(ref _count, _count + 1);
            }

            Volatile.Write(ref _bytes, _bytes + BytesOf(question) - (replaced is null ? 0 : BytesOf(replaced)));
            evicted = EvictOldest_NeedsLock();
        }

        Report(evicted);
    }

    /// <summary>Adds the question unless one of its fingerprint is there: what is being indexed now is younger than what was stored.</summary>
    /// <returns>True when it was added.</returns>
    /// <exception cref="ArgumentException">The vector has the wrong length, is zero, or is not finite.</exception>
    public bool TryInsert(IndexedQuestion question, ReadOnlySpan<float> vector)
    {
        lock (_writeLock)
        {
            if (_partitions.TryGetValue(question.Partition, out PartitionVectors? partition) && partition.Find(question.Fingerprint) is not null)
            {
                return false;
            }

            // The lock may be entered twice by the same thread.
            Upsert(question, vector);
            return true;
        }
    }

    public ValueTask RemoveAsync(Fingerprint256 partition, Fingerprint256 fingerprint, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Remove(partition, fingerprint);
        return ValueTask.CompletedTask;
    }

    public void Remove(Fingerprint256 partition, Fingerprint256 fingerprint)
    {
        lock (_writeLock)
        {
            Remove_NeedsLock(partition, fingerprint);
        }
    }

    public ValueTask RemoveAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
    {
        HashSet<Fingerprint256> gone = [.. fingerprints];
        lock (_writeLock)
        {
            List<Fingerprint256> here = [];
            foreach (PartitionVectors partition in _partitions.Values)
            {
                here.Clear();
                CollectHere(partition, gone, here);
                here.ForEach(fingerprint => Remove_NeedsLock(partition.Partition, fingerprint));
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyDictionary<Fingerprint256, string>> FindTextsAsync(IReadOnlyCollection<Fingerprint256> fingerprints, CancellationToken cancellationToken)
    {
        var texts = new Dictionary<Fingerprint256, string>();
        foreach (PartitionVectors partition in _partitions.Values)
        {
            foreach (Fingerprint256 fingerprint in fingerprints)
            {
                if (partition.Find(fingerprint) is { } question)
                {
                    texts[fingerprint] = question.Text;
                }
            }
        }

        return ValueTask.FromResult<IReadOnlyDictionary<Fingerprint256, string>>(texts);
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
            partition.Collect((_, until) => until <= now, expired);
            RemoveStillExpired(key, expired, now, removed);
        }

        Report(removed);
        return removed.Count;
    }

    /// <summary>Gives all memory back; from then on nothing is found.</summary>
    public void Dispose()
    {
        lock (_writeLock)
        {
            _partitions.Clear();
            _byAge.Clear();
            (_bytes, _count, _partitionCount) = (0, 0, 0);
        }
    }

    // The shorter of the two ways: each that is gone looked up here, or each that is here looked up there.
    private static void CollectHere(PartitionVectors partition, HashSet<Fingerprint256> gone, List<Fingerprint256> here)
    {
        if (gone.Count < partition.Count)
        {
            here.AddRange(gone.Where(fingerprint => partition.Find(fingerprint) is not null));
        }
        else
        {
            partition.Collect((fingerprint, _) => gone.Contains(fingerprint), here);
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
                    && Remove_NeedsLock(partition, fingerprint) is { } gone)
                {
                    removed.Add(gone);
                }
            }
        }
    }

    private PartitionVectors PartitionFor_NeedsLock(Fingerprint256 key)
    {
        if (!_partitions.TryGetValue(key, out PartitionVectors? partition))
        {
            partition = new PartitionVectors(key, _dimensions, _sketch);
            _partitions[key] = partition;
            _bytes += PartitionBytes;
            _byAge.Enqueue(partition, _lastStamp);
            if (_byAge.Count > 64 + (2 * ++_partitionCount))
            {
                DropEmptied_NeedsLock();
            }
        }

        return partition;
    }

    // Where nothing is ever evicted, nobody comes by the places of partitions that emptied.
    private void DropEmptied_NeedsLock()
    {
        (PartitionVectors Element, long Priority)[] alive = [.. _byAge.UnorderedItems.Where(item => item.Element.Count > 0)];
        _byAge.Clear();
        _byAge.EnqueueRange(alive);
    }

    private List<IndexedQuestion>? EvictOldest_NeedsLock()
    {
        List<IndexedQuestion>? evicted = null;
        while (_bytes > _limitBytes && _byAge.TryPeek(out PartitionVectors? partition, out long stamp))
        {
            if (!partition.TryFindOldest(out Fingerprint256 fingerprint, out long oldest))
            {
                _byAge.Dequeue();
            }
            else if (oldest > stamp + 1)
            {
                _byAge.DequeueEnqueue(partition, oldest - 1);
            }
            else if (Remove_NeedsLock(partition.Partition, fingerprint) is { } gone)
            {
                (evicted ??= []).Add(gone);
            }
        }

        return evicted;
    }

    private IndexedQuestion? Remove_NeedsLock(Fingerprint256 key, Fingerprint256 fingerprint)
    {
        if (!_partitions.TryGetValue(key, out PartitionVectors? partition) || partition.Remove(fingerprint) is not { } removed)
        {
            return null;
        }

        Mirror?.Removed(key, fingerprint);
        Volatile.Write(ref _bytes, _bytes - BytesOf(removed));
        Volatile.Write(ref _count, _count - 1);
        if (partition.Count == 0)
        {
            // A search that still holds it finds it empty. Its place in the queue is given up when the queue comes to it.
            _partitions.TryRemove(key, out _);
            _bytes -= PartitionBytes;
            _partitionCount--;
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

    private long BytesOf(IndexedQuestion question) => _vectorBytes + TextOverheadBytes + (Mirror?.QuestionBytes ?? 0) + (sizeof(char) * (long)question.Text.Length);
}
