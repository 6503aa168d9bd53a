using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Index;

/// <summary>
/// The questions of one partition. Reads run beside each other; a write waits for them and takes microseconds.
/// Every block but the last is full: a removal moves the last question into the hole.
/// </summary>
public sealed class PartitionVectors(int dimensions) : IDisposable
{
    private readonly int _paddedLength = VectorQuantizer.PaddedLength(dimensions);
    private readonly ReaderWriterLockSlim _lock = new(LockRecursionPolicy.NoRecursion);
    private readonly List<VectorBlock> _blocks = [];
    private readonly Dictionary<Fingerprint256, int> _slots = [];

    public int Count => _slots.Count;

    /// <summary>Fills <paramref name="found"/> with the most similar questions that are usable at <paramref name="nowTicks"/>, best first.</summary>
    /// <returns>How many were found.</returns>
    public int Search(ReadOnlySpan<float> vector, float norm, float minimum, long nowTicks, Span<Neighbour> found)
    {
        Span<short> weights = stackalloc short[_paddedLength];
        Span<ulong> sketch = stackalloc ulong[_paddedLength / VectorQuantizer.Lane];
        float factor = VectorQuantizer.QuantizeQuery(vector, norm, weights, sketch);
        Span<ScoredSlot> buffer = stackalloc ScoredSlot[found.Length];
        _lock.EnterReadLock();
        try
        {
            var best = new BestSlots(buffer, minimum);
            PartitionScan.Run(_blocks, _slots.Count, new ScanQuery(weights, sketch, factor, nowTicks), ref best);
            for (int i = 0; i < best.Count; i++)
            {
                VectorBlock block = _blocks[buffer[i].Slot / VectorBlock.MaximumSlots];
                found[i] = new Neighbour(
                    block.Question(buffer[i].Slot % VectorBlock.MaximumSlots), Math.Clamp(buffer[i].Similarity, -1f, 1f));
            }

            return best.Count;
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <returns>The question that had the same fingerprint, or null.</returns>
    public IndexedQuestion? Upsert(IndexedQuestion question, ReadOnlySpan<float> vector, float norm, long stamp)
    {
        _lock.EnterWriteLock();
        try
        {
            IndexedQuestion? replaced = null;
            if (_slots.TryGetValue(question.Fingerprint, out int slot))
            {
                replaced = _blocks[slot / VectorBlock.MaximumSlots].Question(slot % VectorBlock.MaximumSlots);
            }
            else
            {
                slot = Append_NeedsLock();
                _slots.Add(question.Fingerprint, slot);
            }

            _blocks[slot / VectorBlock.MaximumSlots].Write(slot % VectorBlock.MaximumSlots, question, vector, norm, stamp);
            return replaced;
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <param name="stamp">Removes only the question inserted with this stamp; null: whichever is there.</param>
    /// <returns>The removed question, or null.</returns>
    public IndexedQuestion? Remove(Fingerprint256 fingerprint, long? stamp = null)
    {
        _lock.EnterWriteLock();
        try
        {
            if (!_slots.TryGetValue(fingerprint, out int slot))
            {
                return null;
            }

            VectorBlock block = _blocks[slot / VectorBlock.MaximumSlots];
            int inBlock = slot % VectorBlock.MaximumSlots;
            if (stamp is { } wanted && block.Stamp(inBlock) != wanted)
            {
                return null;
            }

            IndexedQuestion removed = block.Question(inBlock);
            FillHole_NeedsLock(block, inBlock, slot);
            _slots.Remove(fingerprint);
            return removed;
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    public IndexedQuestion? Find(Fingerprint256 fingerprint)
    {
        _lock.EnterReadLock();
        try
        {
            return _slots.TryGetValue(fingerprint, out int slot)
                ? _blocks[slot / VectorBlock.MaximumSlots].Question(slot % VectorBlock.MaximumSlots)
                : null;
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <returns>The stamp of the question, or -1.</returns>
    public long StampOf(Fingerprint256 fingerprint)
    {
        _lock.EnterReadLock();
        try
        {
            return _slots.TryGetValue(fingerprint, out int slot)
                ? _blocks[slot / VectorBlock.MaximumSlots].Stamp(slot % VectorBlock.MaximumSlots)
                : -1;
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <summary>Appends the fingerprints of the questions that were no longer usable at <paramref name="nowTicks"/>.</summary>
    public void CollectExpired(long nowTicks, List<Fingerprint256> expired)
    {
        _lock.EnterReadLock();
        try
        {
            foreach (VectorBlock block in _blocks)
            {
                for (int slot = 0; slot < block.Count; slot++)
                {
                    if (block.UsableUntilTicks(slot) <= nowTicks)
                    {
                        expired.Add(block.Question(slot).Fingerprint);
                    }
                }
            }
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    public void Dispose() => _lock.Dispose();

    private int Append_NeedsLock()
    {
        if (_blocks.Count == 0 || _blocks[^1].Count == VectorBlock.MaximumSlots)
        {
            _blocks.Add(new VectorBlock(_paddedLength));
        }

        return ((_blocks.Count - 1) * VectorBlock.MaximumSlots) + _blocks[^1].Append();
    }

    private void FillHole_NeedsLock(VectorBlock block, int inBlock, int slot)
    {
        VectorBlock lastBlock = _blocks[^1];
        if (lastBlock != block || inBlock != lastBlock.Count - 1)
        {
            _slots[lastBlock.Question(lastBlock.Count - 1).Fingerprint] = slot;
            lastBlock.MoveLastInto(block, inBlock);
        }

        lastBlock.DropLast();
        if (lastBlock.Count == 0)
        {
            _blocks.RemoveAt(_blocks.Count - 1);
        }
    }
}
