using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Index;

/// <summary>
/// The questions of one partition. One writer at a time; readers take no lock and wait for nobody: they see the blocks that were there when
/// they began. A slot's number is block * <see cref="VectorBlock.MaximumSlots"/> + slot of the block.
/// </summary>
public sealed class PartitionVectors
{
    // A block with a larger share of dead slots is copied: their memory is at most this share of the whole.
    private const int DeadShare = 8;

    private readonly Fingerprint256 _partition;
    private readonly int _paddedLength;
    private readonly SignSketch _sketch;
    private readonly SlotTable _slots;
    private VectorBlock?[] _blocks = [];
    private int _tail = -1;

    /// <param name="dimensions">Components of every vector.</param>
    /// <param name="sketch">Shared by the whole index.</param>
    public PartitionVectors(Fingerprint256 partition, int dimensions, SignSketch sketch)
    {
        _partition = partition;
        _paddedLength = VectorQuantizer.PaddedLength(dimensions);
        _sketch = sketch;
        _slots = new SlotTable(slot => BlockOf(slot).Fingerprint(slot % VectorBlock.MaximumSlots));
    }

    public Fingerprint256 Partition => _partition;

    public int Count => _slots.Count;

    /// <summary>Fills <paramref name="found"/> with the most similar questions that are usable at <paramref name="nowTicks"/>, best first.</summary>
    /// <returns>How many were found.</returns>
    public int Search(ReadOnlySpan<float> vector, float norm, float minimum, long nowTicks, Span<Neighbour> found)
    {
        Span<short> weights = stackalloc short[_paddedLength];
        Span<ulong> sketch = stackalloc ulong[_paddedLength / VectorQuantizer.Lane];
        float factor = VectorQuantizer.QuantizeQuery(vector, norm, weights);
        _sketch.Write(vector, sketch);
        Span<ScoredSlot> buffer = stackalloc ScoredSlot[found.Length];
        var best = new BestSlots(buffer, minimum);
        VectorBlock?[] blocks = Volatile.Read(ref _blocks);
        PartitionScan.Run(blocks, new ScanQuery(weights, sketch, _sketch.FarthestDistance(minimum), factor, nowTicks), ref best);
        int count = 0;
        for (int i = 0; i < best.Count; i++)
        {
            VectorBlock block = blocks[buffer[i].Slot / VectorBlock.MaximumSlots]!;
            if (block.Read(buffer[i].Slot % VectorBlock.MaximumSlots, _partition) is { } question)
            {
                found[count++] = new Neighbour(question, Math.Clamp(buffer[i].Similarity, -1f, 1f));
            }
        }

        return count;
    }

    /// <returns>The question that had the same fingerprint, or null.</returns>
    public IndexedQuestion? Upsert(IndexedQuestion question, ReadOnlySpan<float> vector, float norm, long stamp)
    {
        // First out, then in: a reader between the two misses the question, but never meets it twice.
        IndexedQuestion? replaced = Remove(question.Fingerprint);
        VectorBlock block = TailFor(stamp);
        int slot = block.Append(question, vector, norm, _sketch, stamp);
        _slots.Add(question.Fingerprint, (_tail * VectorBlock.MaximumSlots) + slot);
        return replaced;
    }

    /// <returns>The removed question, or null.</returns>
    public IndexedQuestion? Remove(in Fingerprint256 fingerprint)
    {
        int slot = _slots.Find(fingerprint);
        if (slot < 0)
        {
            return null;
        }

        VectorBlock block = BlockOf(slot);
        IndexedQuestion? removed = block.Read(slot % VectorBlock.MaximumSlots, _partition);
        _slots.Remove(fingerprint);
        block.Kill(slot % VectorBlock.MaximumSlots);
        if (block.Dead * DeadShare > block.Count)
        {
            Replace(slot / VectorBlock.MaximumSlots, block, block.Alive == 0 ? null : block.Compacted());
        }

        return removed;
    }

    public IndexedQuestion? Find(in Fingerprint256 fingerprint)
        => _slots.Find(fingerprint) is var slot and >= 0 ? BlockOf(slot).Read(slot % VectorBlock.MaximumSlots, _partition) : null;

    /// <summary>The question that was inserted first.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryFindOldest(out Fingerprint256 fingerprint, out long stamp)
    {
        (fingerprint, stamp) = (default, long.MaxValue);
        foreach (VectorBlock? block in _blocks)
        {
            if (block?.OldestAlive() is { } slot and >= 0 && block.Stamp(slot) < stamp)
            {
                (fingerprint, stamp) = (block.Fingerprint(slot), block.Stamp(slot));
            }
        }

        return stamp != long.MaxValue;
    }

    /// <summary>Appends the fingerprints of the questions that are alive, and for which <paramref name="isWanted"/> says yes to their end of use.</summary>
    public void Collect(Func<Fingerprint256, long, bool> isWanted, List<Fingerprint256> collected)
    {
        foreach (VectorBlock? block in Volatile.Read(ref _blocks))
        {
            for (int slot = 0; slot < (block?.Count ?? 0); slot++)
            {
                long until = block!.UsableUntilTicks(slot);
                if (until != 0 && isWanted(block.Fingerprint(slot), until))
                {
                    collected.Add(block.Fingerprint(slot));
                }
            }
        }
    }

    private VectorBlock BlockOf(int slot) => _blocks[slot / VectorBlock.MaximumSlots]!;

    private VectorBlock TailFor(long stamp)
    {
        VectorBlock? tail = _tail < 0 ? null : _blocks[_tail];
        if (tail is null || !tail.CanTake(stamp))
        {
            tail = new VectorBlock(_paddedLength, stamp);
            _tail = Array.IndexOf(_blocks, null) is var free and >= 0 ? free : _blocks.Length;
            Publish(_tail, tail);
        }
        else if (tail.IsFull)
        {
            tail = Replace(_tail, tail, tail.Grown())!;
        }

        return tail;
    }

    private VectorBlock? Replace(int place, VectorBlock old, VectorBlock? block)
    {
        int to = place * VectorBlock.MaximumSlots;
        for (int slot = 0; slot < old.Count && old.Dead > 0; slot++)
        {
            if (old.UsableUntilTicks(slot) != 0)
            {
                _slots.Move(old.Fingerprint(slot), (place * VectorBlock.MaximumSlots) + slot, to++);
            }
        }

        Publish(place, block);
        return block;
    }

    // A new array each time: a reader's slots name blocks of the array that it began with.
    private void Publish(int place, VectorBlock? block)
    {
        VectorBlock?[] blocks = new VectorBlock?[Math.Max(_blocks.Length, place + 1)];
        _blocks.CopyTo(blocks, 0);
        blocks[place] = block;
        Volatile.Write(ref _blocks, blocks);
    }
}
