using System.Numerics;

namespace CacheProxy.Ledger.Writing;

/// <summary>
/// Rows on their way from the requests to the one writer: a ring of slots made once, so that a row costs an exchange and no memory (the bounded queue of D. Vyukov).
/// Rows that repeat leave three numbers in their slot; the others lie beside it, so that those are close together. Any thread adds, one thread takes.
/// </summary>
internal sealed class RowRing
{
    private readonly Slot[] _slots;
    private readonly LedgerRow[] _rows;
    private readonly long _mask;
    private long _tail;
    private long _head;

    /// <param name="capacity">Rounded up to a power of two. A place takes about 450 bytes.</param>
    public RowRing(int capacity)
    {
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _rows = new LedgerRow[_slots.Length];
        _mask = _slots.Length - 1;
        for (int i = 0; i < _slots.Length; i++)
        {
            _slots[i].Turn = i;
        }
    }

    public interface ITaker
    {
        void Take(in LedgerRow row);

        void Take(RepeatedRow row, DateTimeOffset time, double firstByteSeconds, double totalSeconds);
    }

    /// <summary>Rows added and not taken yet, as seen from any thread.</summary>
    public int Count => (int)Math.Max(0, Volatile.Read(ref _tail) - Volatile.Read(ref _head));

    /// <summary>False: it is full.</summary>
    /// <param name="place">How many rows were added before this one.</param>
    public bool TryAdd(in LedgerRow row, out long place)
    {
        if (!TryEnter(out place))
        {
            return false;
        }

        _rows[place & _mask] = row;
        Leave(place, null);
        return true;
    }

    /// <summary>The same of a row that repeats.</summary>
    public bool TryAdd(RepeatedRow row, DateTimeOffset time, double firstByteSeconds, double totalSeconds, out long place)
    {
        if (!TryEnter(out place))
        {
            return false;
        }

        ref Slot slot = ref _slots[place & _mask];
        (slot.Ticks, slot.FirstByteSeconds, slot.TotalSeconds) = (time.UtcTicks, firstByteSeconds, totalSeconds);
        Leave(place, row);
        return true;
    }

    /// <summary>Gives the oldest rows to the taker; for one thread alone.</summary>
    /// <returns>How many there were.</returns>
    public int Take(int most, ITaker taker)
    {
        int taken = 0;
        for (; taken < most; taken++)
        {
            ref Slot slot = ref _slots[_head & _mask];
            if (Volatile.Read(ref slot.Turn) != _head + 1)
            {
                break;
            }

            if (slot.Repeated is { } repeated)
            {
                taker.Take(repeated, new DateTimeOffset(slot.Ticks, TimeSpan.Zero), slot.FirstByteSeconds, slot.TotalSeconds);
            }
            else
            {
                taker.Take(_rows[_head & _mask]);
            }

            Volatile.Write(ref slot.Turn, _head + _slots.Length);
            Volatile.Write(ref _head, _head + 1);
        }

        return taken;
    }

    private bool TryEnter(out long place)
    {
        place = Volatile.Read(ref _tail);
        while (true)
        {
            long ahead = Volatile.Read(ref _slots[place & _mask].Turn) - place;
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
            if (seen == place)
            {
                return true;
            }

            place = seen;
        }
    }

    private void Leave(long place, RepeatedRow? repeated)
    {
        ref Slot slot = ref _slots[place & _mask];
        slot.Repeated = repeated;
        Volatile.Write(ref slot.Turn, place + 1);
    }

    private struct Slot
    {
        // Equal to a place: free for that row; one more: that row is in it.
        public long Turn;

        // Null: the row lies in _rows.
        public RepeatedRow? Repeated;
        public long Ticks;
        public double FirstByteSeconds;
        public double TotalSeconds;
    }
}
