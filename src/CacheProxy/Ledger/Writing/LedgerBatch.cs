using System.Runtime.InteropServices;
using CacheProxy.Ledger.Files;

namespace CacheProxy.Ledger.Writing;

/// <summary>
/// What the next transaction will write: rows as they came, rows that stand for several, and the sums of both. It is added to until it is written:
/// while the file cannot be used it grows by what is new in it, not by what comes, and when that is too much its grain becomes coarser: no sum lacks anything. Not thread-safe.
/// </summary>
/// <param name="rows">How many rows there is room for from the beginning.</param>
internal sealed class LedgerBatch(int rows)
{
    // Per entry and prefix merged rows stay apart for so many; those that come most often come first.
    private const int MostMergedWithIds = 1024;
    private const int MostMerged = 20_000;
    private const int MostKeys = 50_000;

    // 50 MB: 100 minutes of 200 cells.
    private const int MostSums = 20_000;

    /// <summary>As many as <see cref="LedgerOptions.RowsPerSecond"/> leaves of a second; room for them is made once.</summary>
    public const int UsualRows = 2048;

    private readonly Dictionary<MergeKey, MergedRow> _merged = [];
    private BatchGrain _grain;

    public List<LedgerRow> Rows { get; } = new(rows);

    public int MergedRows => _merged.Count;

    public IEnumerable<LedgerRow> Merged => _merged.Values.Select(merged => merged.Row);

    /// <summary>By minute and cell.</summary>
    public Dictionary<(long Minute, CellKey Cell), LedgerTotals> Sums { get; } = [];

    public Dictionary<DayKey, LedgerTotals> Keys { get; } = [];

    public bool IsEmpty => Sums.Count == 0;

    /// <param name="apart">It is kept as it is, and not merged with others.</param>
    public void Add(in LedgerRow row, bool apart)
    {
        AddSums(row, withTimes: true);
        if (apart)
        {
            Rows.Add(row);
        }
        else
        {
            Merge(row);
        }
    }

    /// <summary>Rows that repeat; those that are kept as they are are among <see cref="Rows"/> already.</summary>
    public void Add(RowTally tally, in LedgerRow all)
    {
        OutcomeTotals outcome = AddSums(all, withTimes: false).Ensure(all.Outcome);
        outcome.FirstByte.Merge(tally.FirstByte);
        outcome.Total.Merge(tally.Total);
        if (tally.Merged > 0)
        {
            Merge(tally.RowOfMerged());
        }
    }

    /// <summary>Takes the other's rows and sums too.</summary>
    public void Add(LedgerBatch other)
    {
        foreach (((long minute, CellKey cell), LedgerTotals sum) in other.Sums)
        {
            SumOf(minute, cell).Merge(sum);
        }

        foreach ((DayKey key, LedgerTotals sum) in other.Keys)
        {
            SumOf(key).Merge(sum);
        }

        Rows.AddRange(other.Rows);
        foreach (MergedRow merged in other._merged.Values)
        {
            Merge(merged.Row);
        }
    }

    /// <summary>Merges the rows that came one by one: they have to wait, and there is no telling how long.</summary>
    public void MergeRows()
    {
        foreach (ref readonly LedgerRow row in CollectionsMarshal.AsSpan(Rows))
        {
            Merge(row);
        }

        Rows.Clear();
    }

    public void Clear()
    {
        Rows.Clear();
        _merged.Clear();
        Sums.Clear();
        Keys.Clear();
        _grain = BatchGrain.Minute;
    }

    private LedgerTotals AddSums(in LedgerRow row, bool withTimes)
    {
        CellKey cell = CellKey.Of(row);
        long minute = RollupLevels.MinuteOf(row.Time);
        LedgerTotals sum = SumOf(minute, cell);
        sum.Add(row, withTimes);
        long day = RollupLevels.Floor(RollupLevel.Day, minute);
        AddKey(KeyKind.User, day, row.User, cell, row);
        AddKey(KeyKind.Entry, day, row.CountedEntryId, cell, row);
        AddKey(KeyKind.Prefix, day, row.PrefixId, cell, row);
        return sum;
    }

    private void AddKey(KeyKind kind, long day, string? name, in CellKey cell, in LedgerRow row)
    {
        if (name is not null)
        {
            SumOf(new DayKey(kind, day, name, cell)).Add(row, withTimes: false);
        }
    }

    private void Merge(in LedgerRow row)
    {
        (long minute, CellKey cell) = _grain.Of(RollupLevels.MinuteOf(row.Time), CellKey.Of(row));
        MergeKey key = MergeKey.Of(row, minute, cell, withIds: true);
        if (_merged.Count >= MostMergedWithIds && !_merged.ContainsKey(key))
        {
            key = MergeKey.Of(row, minute, cell, withIds: false);
            if (_merged.Count >= MostMerged && !_merged.ContainsKey(key))
            {
                // Few of these there can be: days, and what closed sets have.
                (minute, cell) = BatchGrain.Nameless.Of(minute, cell);
                key = MergeKey.Of(row, minute, cell, withIds: false);
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
    }

    private LedgerTotals SumOf(long minute, in CellKey cell)
    {
        (long Minute, CellKey Cell) key = _grain.Of(minute, cell);
        while (Sums.Count >= MostSums && _grain != BatchGrain.Nameless && !Sums.ContainsKey(key))
        {
            Coarsen();
            key = _grain.Of(minute, cell);
        }

        return CollectionsMarshal.GetValueRefOrAddDefault(Sums, key, out _) ??= new LedgerTotals();
    }

    private LedgerTotals SumOf(DayKey key)
    {
        key = key with { Cell = _grain.Of(key.Day, key.Cell).Cell };
        if (Keys.Count >= MostKeys && !Keys.ContainsKey(key))
        {
            key = key with { Name = "" };
        }

        return CollectionsMarshal.GetValueRefOrAddDefault(Keys, key, out _) ??= new LedgerTotals();
    }

    private void Coarsen()
    {
        _grain++;
        var finer = Sums.ToArray();
        Sums.Clear();
        foreach (((long minute, CellKey cell), LedgerTotals sum) in finer)
        {
            (long, CellKey) key = _grain.Of(minute, cell);
            if (!Sums.TryAdd(key, sum))
            {
                Sums[key].Merge(sum);
            }
        }
    }
}
