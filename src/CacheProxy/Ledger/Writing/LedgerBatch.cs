using System.Runtime.InteropServices;
using CacheProxy.Ledger.Files;

namespace CacheProxy.Ledger.Writing;

/// <summary>
/// What the next transaction will write: rows as they came, rows that stand for several, and the sums of both. It is added to until it is written:
/// while the file cannot be used it grows by what is new in it, not by what comes. Not thread-safe.
/// </summary>
/// <param name="rows">How many rows there is room for from the beginning.</param>
internal sealed class LedgerBatch(int rows)
{
    // Per entry and prefix merged rows stay apart for so many; those that come most often come first.
    private const int MostMergedWithIds = 1024;
    private const int MostMerged = 50_000;
    private const int MostKeys = 50_000;
    private const int MostSums = 100_000;

    /// <summary>Rows in one transaction: made once, as much as ten seconds' of a busy proxy.</summary>
    public const int MostRows = 4096;

    // A power of two: so many entries are hot at a time, or their rows are looked up.
    private const int Places = 256;

    private readonly Dictionary<MergeKey, MergedRow> _merged = [];
    private readonly BatchPlace?[] _places = new BatchPlace?[Places];

    public List<LedgerRow> Rows { get; } = new(rows);

    public int MergedRows => _merged.Count;

    public IEnumerable<LedgerRow> Merged => _merged.Values.Select(merged => merged.Row);

    /// <summary>By minute and cell.</summary>
    public Dictionary<(long Minute, CellKey Cell), LedgerTotals> Sums { get; } = [];

    public Dictionary<DayKey, LedgerTotals> Keys { get; } = [];

    public bool IsEmpty => Sums.Count == 0;

    /// <summary>False: there is no room for another sum; nothing of the row is kept.</summary>
    /// <param name="apart">It is kept as it is, and not merged with others.</param>
    public bool TryAdd(in LedgerRow row, bool apart)
    {
        CellKey cell = CellKey.Of(row);
        long minute = RollupLevels.MinuteOf(row.Time);
        ref BatchPlace? place = ref _places[PlaceOf(row)];
        if (place is null || !place.IsOf(minute, cell, row))
        {
            if (Sums.Count >= MostSums && !Sums.ContainsKey((minute, cell)))
            {
                return false;
            }

            place = Find(minute, cell, row);
        }

        place.Add(row);
        if (apart)
        {
            Rows.Add(row);
        }
        else if (place.Merged is { } merged && merged.Fits(row))
        {
            merged.Add(row);
        }
        else
        {
            place.Merged = Merge(row, cell);
        }

        return true;
    }

    /// <summary>Takes the other's rows and sums too.</summary>
    public void Add(LedgerBatch other)
    {
        foreach (((long, CellKey) key, LedgerTotals sum) in other.Sums)
        {
            SumOf(Sums, key).Merge(sum);
        }

        foreach ((DayKey key, LedgerTotals sum) in other.Keys)
        {
            SumOf(Keys, key).Merge(sum);
        }

        Rows.AddRange(other.Rows);
        foreach (MergedRow merged in other._merged.Values)
        {
            LedgerRow row = merged.Row;
            Merge(row, CellKey.Of(row));
        }
    }

    /// <summary>Merges the rows that came one by one: they have to wait, and there is no telling how long.</summary>
    public void MergeRows()
    {
        foreach (ref readonly LedgerRow row in CollectionsMarshal.AsSpan(Rows))
        {
            Merge(row, CellKey.Of(row));
        }

        Rows.Clear();
    }

    public void Clear()
    {
        Rows.Clear();
        _merged.Clear();
        Sums.Clear();
        Keys.Clear();
        Array.Clear(_places);
    }

    // Ids are hashes: their last digits differ.
    private static int PlaceOf(in LedgerRow row)
        => (row.CountedEntryId is [.., var high, var low] ? (high * 31) + low : (int)row.Outcome) & (Places - 1);

    private BatchPlace Find(long minute, in CellKey cell, in LedgerRow row)
    {
        long day = RollupLevels.Floor(RollupLevel.Day, minute);
        return new BatchPlace(minute, cell, row)
        {
            Sum = SumOf(Sums, (minute, cell)),
            User = KeySum(KeyKind.User, day, row.User, cell),
            Entry = KeySum(KeyKind.Entry, day, row.CountedEntryId, cell),
            Prefix = KeySum(KeyKind.Prefix, day, row.PrefixId, cell),
        };
    }

    private MergedRow? Merge(in LedgerRow row, in CellKey cell)
    {
        MergeKey key = MergeKey.Of(row, cell, withIds: true);
        if (_merged.Count >= MostMergedWithIds && !_merged.ContainsKey(key))
        {
            key = MergeKey.Of(row, cell, withIds: false);
            if (_merged.Count >= MostMerged && !_merged.ContainsKey(key))
            {
                // The sums have it; what is missing is a line in the list of requests.
                return null;
            }
        }

        ref MergedRow? merged = ref CollectionsMarshal.GetValueRefOrAddDefault(_merged, key, out bool exists);
        if (exists)
        {
            merged!.Add(row);
        }
        else
        {
            merged = new MergedRow(key, row);
        }

        return merged;
    }

    private LedgerTotals? KeySum(KeyKind kind, long day, string? name, in CellKey cell)
    {
        if (name is null)
        {
            return null;
        }

        var key = new DayKey(kind, day, name, cell);
        return SumOf(Keys, Keys.Count >= MostKeys && !Keys.ContainsKey(key) ? key with { Name = "" } : key);
    }

    private static LedgerTotals SumOf<TKey>(Dictionary<TKey, LedgerTotals> sums, TKey key) where TKey : notnull
        => CollectionsMarshal.GetValueRefOrAddDefault(sums, key, out _) ??= new LedgerTotals();
}
