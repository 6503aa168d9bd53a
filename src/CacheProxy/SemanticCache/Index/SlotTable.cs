using CacheProxy.Exchange;

namespace CacheProxy.SemanticCache.Index;

/// <summary>
/// Fingerprint to slot: open addressing over slot numbers alone, 5 to 7 bytes a question where a dictionary takes 60; the fingerprints lie in
/// the blocks. Any capacity, so that growing adds half and not as much again. For one writer at a time; readers of the index do not use it.
/// </summary>
/// <param name="fingerprintOf">Of a slot that was set here.</param>
public sealed class SlotTable(Func<int, Fingerprint256> fingerprintOf)
{
    private const int FirstCapacity = 8;

    // Slot + 1; 0 where there is none.
    private int[] _slots = new int[FirstCapacity];

    public int Count { get; private set; }

    /// <returns>The slot, or -1.</returns>
    public int Find(in Fingerprint256 fingerprint) => _slots[PlaceOf(fingerprint)] - 1;

    /// <summary>Adds a fingerprint that is not there.</summary>
    public void Add(in Fingerprint256 fingerprint, int slot)
    {
        Count++;
        if (Count * 5L > _slots.Length * 4L)
        {
            Grow();
        }

        _slots[PlaceOf(fingerprint)] = slot + 1;
    }

    /// <summary>The block of a fingerprint was copied: it has another slot now. Of several, in the order of their slots, none upwards.</summary>
    public void Move(in Fingerprint256 fingerprint, int from, int to)
    {
        // By number, since the fingerprints behind the numbers are moving: a number is never met after it was given away.
        int at = Home(fingerprint);
        while (_slots[at] != from + 1)
        {
            at = Next(at);
        }

        _slots[at] = to + 1;
    }

    public void Remove(in Fingerprint256 fingerprint)
    {
        int hole = PlaceOf(fingerprint);
        if (_slots[hole] == 0)
        {
            return;
        }

        // Those behind that would no longer be found past the hole move into it.
        for (int at = Next(hole); _slots[at] != 0; at = Next(at))
        {
            int home = Home(fingerprintOf(_slots[at] - 1));
            bool isBetween = hole < at ? home > hole && home <= at : home > hole || home <= at;
            if (!isBetween)
            {
                _slots[hole] = _slots[at];
                hole = at;
            }
        }

        _slots[hole] = 0;
        Count--;
    }

    private int PlaceOf(in Fingerprint256 fingerprint)
    {
        int at = Home(fingerprint);
        while (_slots[at] != 0 && !fingerprintOf(_slots[at] - 1).Equals(fingerprint))
        {
            at = Next(at);
        }

        return at;
    }

    // Fibonacci hashing into a range of any size (Lemire's multiply and shift).
    private int Home(in Fingerprint256 fingerprint)
        => (int)((ulong)(uint)(((ulong)fingerprint.GetHashCode() * 0x9E3779B97F4A7C15) >> 32) * (ulong)_slots.Length >> 32);

    private int Next(int at) => at + 1 == _slots.Length ? 0 : at + 1;

    private void Grow()
    {
        int[] old = _slots;
        _slots = new int[old.Length + (old.Length / 2)];
        foreach (int slot in old)
        {
            if (slot != 0)
            {
                _slots[PlaceOf(fingerprintOf(slot - 1))] = slot;
            }
        }
    }
}
