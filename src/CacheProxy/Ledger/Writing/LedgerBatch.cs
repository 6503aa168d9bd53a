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

    private readonly Dictionary<MergeKey, LedgerRow> _merged = [];

    public List<LedgerRow> Rows { get; } = new(rows);

    public IEnumerable<LedgerRow> Merged => _merged.Values;

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
        if (Sums.Count >= MostSums && !Sums.ContainsKey((minute, cell)))
        {
            return false;
        }

        SumOf(Sums, (minute, cell)).Add(row);
        long day = RollupLevels.Floor(RollupLevel.Day, minute);
        AddKey(KeyKind.User, day, row.User, cell, row);
        AddKey(KeyKind.Entry, day, row.EntryId, cell, row);
        AddKey(KeyKind.Prefix, day, row.PrefixId, cell, row);
        if (apart)
        {
            Rows.Add(row);
        }
        else
        {
            Merge(row, cell);
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
        foreach (LedgerRow row in other._merged.Values)
        {
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
    }

    private void Merge(in LedgerRow row, in CellKey cell)
    {
        MergeKey key = MergeKey.Of(row, cell, withIds: true);
        if (_merged.Count >= MostMergedWithIds && !_merged.ContainsKey(key))
        {
            key = MergeKey.Of(row, cell, withIds: false);
            if (_merged.Count >= MostMerged && !_merged.ContainsKey(key))
            {
                // The sums have it; what is missing is a line in the list of requests.
                return;
            }
        }

        ref LedgerRow merged = ref CollectionsMarshal.GetValueRefOrAddDefault(_merged, key, out bool exists);
        merged = exists ? RowMerger.Merge(merged, row) : row with { User = key.User, EntryId = key.EntryId, PrefixId = key.PrefixId };
    }

    private void AddKey(KeyKind kind, long day, string? name, in CellKey cell, in LedgerRow row)
    {
        if (name is null)
        {
            return;
        }

        var key = new DayKey(kind, day, name, cell);
        if (Keys.Count >= MostKeys && !Keys.ContainsKey(key))
        {
            key = key with { Name = "" };
        }

        SumOf(Keys, key).Add(row, withTimes: false);
    }

    private static LedgerTotals SumOf<TKey>(Dictionary<TKey, LedgerTotals> sums, TKey key) where TKey : notnull
        => CollectionsMarshal.GetValueRefOrAddDefault(sums, key, out _) ??= new LedgerTotals();
}
