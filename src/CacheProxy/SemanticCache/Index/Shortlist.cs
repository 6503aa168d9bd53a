using System.Numerics;
using System.Runtime.Intrinsics;

namespace CacheProxy.SemanticCache.Index;

/// <summary>
/// The slots whose sign bits differ least, as blocks are scanned one after the other: it keeps somewhat more than are wanted and tightens its
/// limit whenever it has twice as many. Kept by each thread for its next search.
/// </summary>
public sealed class Shortlist
{
    [ThreadStatic]
    private static Shortlist? s_own;

    private int[] _histogram = [];
    private int[] _slots = [];
    private ushort[] _distances = [];
    private int _wanted;
    private int _count;

    /// <summary>Distance up to which a slot is taken.</summary>
    public int Limit { get; private set; }

    public ReadOnlySpan<int> Slots => _slots.AsSpan(0, _count);

    /// <summary>This thread's list, emptied.</summary>
    /// <param name="wanted">So many of the nearest are kept at least.</param>
    /// <param name="limit">Distance beyond which none is wanted.</param>
    /// <param name="longest">Largest distance that there is.</param>
    public static Shortlist Rent(int wanted, int limit, int longest)
    {
        Shortlist own = s_own ??= new Shortlist();
        if (own._histogram.Length <= longest)
        {
            own._histogram = new int[longest + 1];
        }

        int room = (2 * wanted) + VectorBlock.MaximumSlots;
        if (own._slots.Length < room)
        {
            own._slots = new int[room];
            own._distances = new ushort[room];
        }

        own._histogram.AsSpan().Clear();
        own._wanted = wanted;
        own._count = 0;
        own.Limit = limit;
        return own;
    }

    /// <summary>Takes those of a block that are within the limit.</summary>
    /// <param name="firstSlot">Number of the block's first slot.</param>
    /// <param name="distances">[count of the block].</param>
    public void Add(int firstSlot, ReadOnlySpan<ushort> distances)
    {
        var limit = Vector512.Create((ushort)Limit);
        int at = 0;
        for (; at + Vector512<ushort>.Count <= distances.Length; at += Vector512<ushort>.Count)
        {
            ulong near = Vector512.LessThanOrEqual(Vector512.Create(distances[at..]), limit).ExtractMostSignificantBits();
            for (; near != 0; near &= near - 1)
            {
                int inBlock = at + BitOperations.TrailingZeroCount(near);
                Take(firstSlot + inBlock, distances[inBlock]);
            }
        }

        for (; at < distances.Length; at++)
        {
            if (distances[at] <= Limit)
            {
                Take(firstSlot + at, distances[at]);
            }
        }

        if (_count >= 2 * _wanted)
        {
            Tighten();
        }
    }

    /// <summary>Drops what is beyond the distance within which there are enough.</summary>
    public void Tighten()
    {
        int seen = 0, limit = -1;
        while (seen < _wanted && limit < Limit)
        {
            seen += _histogram[++limit];
        }

        if (limit == Limit)
        {
            return;
        }

        Limit = limit;
        _histogram.AsSpan(limit + 1).Clear();
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            if (_distances[i] <= limit)
            {
                (_slots[kept], _distances[kept]) = (_slots[i], _distances[i]);
                kept++;
            }
        }

        _count = kept;
    }

    private void Take(int slot, ushort distance)
    {
        _slots[_count] = slot;
        _distances[_count++] = distance;
        _histogram[distance]++;
    }
}
