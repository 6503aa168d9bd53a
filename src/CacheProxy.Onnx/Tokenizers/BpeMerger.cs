using System.Buffers;
using System.Runtime.InteropServices;

namespace CacheProxy.Onnx.Tokenizers;

/// <summary>
/// Applies merge rules to one piece: lowest rank first, leftmost first among equals.
/// Short pieces rescan (no bookkeeping, quadratic in a small number); long ones use a heap over a linked list, n log n,
/// so that 100 KB without a space cannot stall a request.
/// </summary>
internal static class BpeMerger
{
    private const int RescanLimit = 48;

    /// <summary>Merges in place; returns how many of <paramref name="symbols"/>, from the start, are left.</summary>
    public static int Merge(Span<int> symbols, MergeTable merges) =>
        symbols.Length <= RescanLimit ? MergeByRescan(symbols, merges) : MergeByHeap(symbols, merges);

    internal static int MergeByRescan(Span<int> symbols, MergeTable merges)
    {
        int count = symbols.Length;
        while (count > 1)
        {
            int best = int.MaxValue, at = -1, merged = -1;
            for (int i = 0; i + 1 < count; i++)
            {
                int rank = merges.Rank(symbols[i], symbols[i + 1], out int candidate);
                if (rank < best)
                {
                    (best, at, merged) = (rank, i, candidate);
                }
            }

            if (at < 0)
            {
                break;
            }

            symbols[at] = merged;
            symbols[(at + 2)..count].CopyTo(symbols[(at + 1)..]);
            count--;
        }

        return count;
    }

    internal static int MergeByHeap(Span<int> symbols, MergeTable merges)
    {
        int n = symbols.Length;
        Link[] rented = ArrayPool<Link>.Shared.Rent(n);
        Span<Link> links = rented.AsSpan(0, n);
        var heap = new PriorityQueue<int, ulong>(n);
        for (int i = 0; i < n; i++)
        {
            links[i] = new Link { Previous = i - 1, Next = i + 1 < n ? i + 1 : -1, Rank = int.MaxValue };
        }

        for (int i = 0; i + 1 < n; i++)
        {
            Offer(symbols, links, heap, merges, i);
        }

        while (heap.TryDequeue(out int at, out ulong priority))
        {
            // An entry whose pair changed since it was offered has another rank by now; with the same rank it is as good as new.
            if (links[at].Rank == (int)(priority >> 32))
            {
                Join(symbols, links, heap, merges, at);
            }
        }

        int count = 0;
        for (int i = n > 0 ? 0 : -1; i >= 0; i = links[i].Next)
        {
            symbols[count++] = symbols[i];
        }

        ArrayPool<Link>.Shared.Return(rented);
        return count;
    }

    private static void Join(Span<int> symbols, Span<Link> links, PriorityQueue<int, ulong> heap, MergeTable merges, int at)
    {
        int right = links[at].Next;
        symbols[at] = links[at].Merged;
        links[right].Rank = int.MaxValue;
        links[at].Next = links[right].Next;
        if (links[at].Next >= 0)
        {
            links[links[at].Next].Previous = at;
        }

        Offer(symbols, links, heap, merges, at);
        if (links[at].Previous >= 0)
        {
            Offer(symbols, links, heap, merges, links[at].Previous);
        }
    }

    private static void Offer(Span<int> symbols, Span<Link> links, PriorityQueue<int, ulong> heap, MergeTable merges, int at)
    {
        ref Link link = ref links[at];
        link.Rank = link.Next < 0 ? int.MaxValue : merges.Rank(symbols[at], symbols[link.Next], out link.Merged);
        if (link.Rank != int.MaxValue)
        {
            heap.Enqueue(at, ((ulong)link.Rank << 32) | (uint)at);
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Link
    {
        public int Previous;
        public int Next;
        public int Rank;
        public int Merged;
    }
}
