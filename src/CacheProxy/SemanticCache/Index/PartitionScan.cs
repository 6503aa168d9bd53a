using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace CacheProxy.SemanticCache.Index;

/// <summary>
/// Finds the best slots of a partition. Small ones are scored whole; large ones are first gone through by sign bits (an eighth of the bytes),
/// and only the nearest of those are scored, with the same arithmetic, so that both ways give the same similarity for the same question.
/// </summary>
public static class PartitionScan
{
    /// <summary>Up to here every vector is scored: 2,048 x 384 bytes are read in 40 µs.</summary>
    public const int WholeScanLimit = VectorBlock.MaximumSlots / 2;

    private const int MinimumShortlist = 1024;

    // At a million vectors 3,900 scored rows, about a tenth of the time of reading the sketches.
    private const int ShortlistDivisor = 256;

    private const int CacheLine = 64;

    // Rows lie anywhere in memory: asked for so many ahead, their 6 lines come while others are scored.
    private const int PrefetchedRows = 8;

    public static void Run(ReadOnlySpan<VectorBlock?> blocks, ScanQuery query, ref BestSlots best)
    {
        int count = 0;
        foreach (VectorBlock? block in blocks)
        {
            count += block?.Count ?? 0;
        }

        if (count <= WholeScanLimit)
        {
            ScanWhole(blocks, query, ref best);
        }
        else
        {
            ScanBySketch(blocks, count, query, ref best);
        }
    }

    private static void ScanWhole(ReadOnlySpan<VectorBlock?> blocks, ScanQuery query, ref BestSlots best)
    {
        const int Stride = 256;
        Span<int> products = stackalloc int[Stride];
        for (int b = 0; b < blocks.Length; b++)
        {
            int count = blocks[b]?.Count ?? 0;
            for (int first = 0; first < count; first += Stride)
            {
                Span<int> part = products[..Math.Min(Stride, count - first)];
                VectorKernels.Dot(query.Weights, blocks[b]!.Codes(first, part.Length), part);
                for (int i = 0; i < part.Length; i++)
                {
                    Consider(blocks[b]!, (b * VectorBlock.MaximumSlots) + first + i, part[i], query, ref best);
                }
            }
        }
    }

    [SkipLocalsInit]
    private static void ScanBySketch(ReadOnlySpan<VectorBlock?> blocks, int count, ScanQuery query, ref BestSlots best)
    {
        var shortlist = Shortlist.Rent(Math.Max(MinimumShortlist, count / ShortlistDivisor), query.Farthest, query.Sketch.Length * VectorQuantizer.Lane);
        Span<ushort> distances = stackalloc ushort[VectorBlock.MaximumSlots];
        for (int b = 0; b < blocks.Length; b++)
        {
            if (blocks[b] is { } block)
            {
                Span<ushort> part = distances[..block.Count];
                VectorKernels.Hamming(query.Sketch, block.Sketches(part.Length), part);
                shortlist.Add(b * VectorBlock.MaximumSlots, part);
            }
        }

        shortlist.Tighten();
        Score(blocks, shortlist.Slots, query, ref best);
    }

    private static void Score(ReadOnlySpan<VectorBlock?> blocks, ReadOnlySpan<int> slots, ScanQuery query, ref BestSlots best)
    {
        for (int i = 0; i < Math.Min(PrefetchedRows, slots.Length); i++)
        {
            Prefetch(RowOf(blocks, slots[i], query.Weights.Length));
        }

        for (int i = 0; i < slots.Length; i++)
        {
            if (i + PrefetchedRows < slots.Length)
            {
                Prefetch(RowOf(blocks, slots[i + PrefetchedRows], query.Weights.Length));
            }

            int product = VectorKernels.Dot(query.Weights, RowOf(blocks, slots[i], query.Weights.Length));
            Consider(blocks[slots[i] / VectorBlock.MaximumSlots]!, slots[i], product, query, ref best);
        }
    }

    private static ReadOnlySpan<sbyte> RowOf(ReadOnlySpan<VectorBlock?> blocks, int slot, int length)
        => blocks[slot / VectorBlock.MaximumSlots]!.Codes(slot % VectorBlock.MaximumSlots, 1)[..length];

    // The row may move while its address is looked at: a prefetch of an address that is no longer its own does nothing.
    private static unsafe void Prefetch(ReadOnlySpan<sbyte> row)
    {
        if (Sse.IsSupported)
        {
            byte* address = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(row));
            for (int line = 0; line < row.Length; line += CacheLine)
            {
                Sse.Prefetch0(address + line);
            }
        }
    }

    private static void Consider(VectorBlock block, int slot, int product, ScanQuery query, ref BestSlots best)
    {
        int inBlock = slot % VectorBlock.MaximumSlots;
        float similarity = product * query.Factor * block.Scale(inBlock);
        if (best.Wants(similarity) && block.UsableUntilTicks(inBlock) > query.NowTicks)
        {
            best.Add(new ScoredSlot(slot, similarity));
        }
    }
}
