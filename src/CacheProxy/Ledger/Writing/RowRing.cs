using System.Numerics;

namespace CacheProxy.Ledger.Writing;

/// <summary>
/// Rows on their way from the requests to the one writer: a ring of slots made once, so that a row costs two copies and an exchange, and no
/// memory (the bounded queue of D. Vyukov). Any thread adds, one thread takes.
/// </summary>
internal sealed class RowRing
{
    private readonly Slot[] _slots;
    private readonly long _mask;
    private long _tail;
    private long _head;

    /// <param name="capacity">Rounded up to a power of two. A slot takes about 400 bytes.</param>
    public RowRing(int capacity)
    {
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _mask = _slots.Length - 1;
        for (int i = 0; i < _slots.Length; i++)
        {
            _slots[i].Turn = i;
        }
    }

    /// <summary>Rows added and not taken yet, as seen from any thread.</summary>
    public int Count => (int)Math.Max(0, Volatile.Read(ref _tail) - Volatile.Read(ref _head));

    /// <summary>False: it is full.</summary>
    /// <param name="place">How many rows were added before this one.</param>
    public bool TryAdd(in LedgerRow row, out long place)
    {
        place = Volatile.Read(ref _tail);
        while (true)
        {
            ref Slot slot = ref _slots[place & _mask];
            long ahead = Volatile.Read(ref slot.Turn) - place;
            if (ahead < 0)
            {
                return false;
            }

            if (ahead > 0)
            {
                place = Volatile.Read(ref _tail);
                continue;
            }

            long seen = Interlocked.CompareExchange(ref _tail, place + 1, place);
            if (seen != place)
            {
                place = seen;
                continue;
            }

            slot.Row = row;
            Volatile.Write(ref slot.Turn, place + 1);
            return true;
        }
    }

    /// <summary>Gives the oldest rows to the taker where they lie; for one thread alone.</summary>
    /// <returns>How many there were.</returns>
    public int Take(int most, Taker take)
    {
        int taken = 0;
        for (; taken < most; taken++)
        {
            ref Slot slot = ref _slots[_head & _mask];
            if (Volatile.Read(ref slot.Turn) != _head + 1)
            {
                break;
            }

            take(slot.Row);
            Volatile.Write(ref slot.Turn, _head + _slots.Length);
            Volatile.Write(ref _head, _head + 1);
        }

        return taken;
    }

    public delegate void Taker(in LedgerRow row);

    private struct Slot
    {
        // Equal to a place: free for that row; one more: that row is in it.
        public long Turn;
        public LedgerRow Row;
    }
}
