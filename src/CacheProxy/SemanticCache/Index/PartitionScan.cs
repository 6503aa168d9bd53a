using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CacheProxy.SemanticCache.Index;

/// <summary>
/// Finds the best slots of a partition. Small ones are scanned whole; large ones first by sign bits (an eighth of the bytes), and only the
/// nearest of those are scored, with the same arithmetic, so that both ways give the same similarity for the same question.
/// </summary>
public static class PartitionScan
{
    /// <summary>Up to here every vector is scored: 16,384 x 384 bytes are read in about half a millisecond.</summary>
    public const int WholeScanLimit = 4 * VectorBlock.MaximumSlots;

    private const int MinimumShortlist = 1024;

    // At a million vectors 1/256 is 3,900 scored rows, about a tenth of the time of reading the sketches.
    private const int ShortlistDivisor = 256;

    [ThreadStatic]
    private static ushort[]? s_distances;

    [ThreadStatic]
    private static int[]? s_histogram;

    public static void Run(List<VectorBlock> blocks, int count, ScanQuery query, ref BestSlots best)
    {
        if (count <= WholeScanLimit)
        {
            ScanWhole(blocks, query, ref best);
        }
        else
        {
            ScanBySketch(blocks, count, query, ref best);
        }
    }

    private static void ScanWhole(List<VectorBlock> blocks, ScanQuery query, ref BestSlots best)
    {
        const int Stride = 256;
        Span<int> products = stackalloc int[Stride];
        for (int b = 0; b < blocks.Count; b++)
        {
            VectorBlock block = blocks[b];
            int length = query.Weights.Length;
            for (int first = 0; first < block.Count; first += Stride)
            {
                Span<int> part = products[..Math.Min(Stride, block.Count - first)];
                VectorKernels.Dot(query.Weights, block.Codes[(first * length)..], part);
                for (int i = 0; i < part.Length; i++)
                {
                    Consider(block, (b * VectorBlock.MaximumSlots) + first + i, first + i, part[i], query, ref best);
                }
            }
        }
    }

    private static void ScanBySketch(List<VectorBlock> blocks, int count, ScanQuery query, ref BestSlots best)
    {
        Span<ushort> distances = Scratch(ref s_distances, count);
        Span<int> histogram = Scratch(ref s_histogram, (query.Sketch.Length * 64) + 1);
        histogram.Clear();
        int at = 0;
        foreach (VectorBlock block in CollectionsMarshal.AsSpan(blocks))
        {
            Span<ushort> part = distances.Slice(at, block.Count);
            VectorKernels.Hamming(query.Sketch, block.Sketches, part);
            foreach (ushort distance in part)
            {
                histogram[distance]++;
            }

            at += block.Count;
        }

        ushort cutoff = Cutoff(histogram, Math.Max(MinimumShortlist, count / ShortlistDivisor));
        ScoreNearest(blocks, distances, cutoff, query, ref best);
    }

    // Smallest distance within which the shortlist is full.
    private static ushort Cutoff(ReadOnlySpan<int> histogram, int shortlist)
    {
        int seen = 0;
        for (int distance = 0; distance < histogram.Length; distance++)
        {
            seen += histogram[distance];
            if (seen >= shortlist)
            {
                return (ushort)distance;
            }
        }

        return ushort.MaxValue;
    }

    private static void ScoreNearest(List<VectorBlock> blocks, ReadOnlySpan<ushort> distances, ushort cutoff, ScanQuery query, ref BestSlots best)
    {
        Vector512<ushort> limit = Vector512.Create(cutoff);
        int slot = 0;
        for (; slot + Vector512<ushort>.Count <= distances.Length; slot += Vector512<ushort>.Count)
        {
            ulong near = Vector512.LessThanOrEqual(Vector512.Create(distances.Slice(slot, Vector512<ushort>.Count)), limit)
                .ExtractMostSignificantBits();
            for (; near != 0; near &= near - 1)
            {
                Score(blocks, slot + System.Numerics.BitOperations.TrailingZeroCount(near), query, ref best);
            }
        }

        for (; slot < distances.Length; slot++)
        {
            if (distances[slot] <= cutoff)
            {
                Score(blocks, slot, query, ref best);
            }
        }
    }

    private static void Score(List<VectorBlock> blocks, int slot, ScanQuery query, ref BestSlots best)
    {
        VectorBlock block = blocks[slot / VectorBlock.MaximumSlots];
        int inBlock = slot % VectorBlock.MaximumSlots;
        Consider(block, slot, inBlock, VectorKernels.Dot(query.Weights, block.CodesOf(inBlock)), query, ref best);
    }

    private static void Consider(VectorBlock block, int slot, int inBlock, int product, ScanQuery query, ref BestSlots best)
    {
        float similarity = product * query.Factor * block.Scale(inBlock);
        if (best.Wants(similarity) && block.UsableUntilTicks(inBlock) > query.NowTicks)
        {
            best.Add(new ScoredSlot(slot, similarity));
        }
    }

    private static Span<T> Scratch<T>(ref T[]? kept, int length)
    {
        if (kept is null || kept.Length < length)
        {
            kept = new T[length + (length / 4)];
        }

        return kept.AsSpan(0, length);
    }
}
