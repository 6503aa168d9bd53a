using System.Runtime.InteropServices;
using CacheProxy.Ledger.Files;
using CacheProxy.Ledger.Prices;
using CacheProxy.Storage;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Ledger.Writing;

/// <summary>The statements of the one writer. A batch is one transaction: rows and sums never disagree. Not thread-safe.</summary>
internal sealed class LedgerTables : FileTables
{
    // Names of models and namespaces come from clients; a cell costs 100 bytes in the file and in every reader.
    private const int MostCells = 20_000;

    private readonly Names _names;
    private readonly PackedWriter _packed = new();
    private readonly PackedWriter _scratch = new();
    private readonly RowStatement _insertRow;
    private readonly RowStatement _insertCell;
    private readonly RowStatement _insertPrice;
    private readonly RowStatement _readSum;
    private readonly RowStatement _writeSum;
    private readonly RowStatement _readKey;
    private readonly RowStatement _writeKey;

    public LedgerTables(string path) : base(LedgerFile.Layout.Open(path))
    {
        try
        {
            _names = Names.Read(Connection);
            _insertRow = new RowStatement(Connection, "INSERT INTO rows(time, cell, user, data) VALUES(?, ?, ?, ?)");
            _insertCell = new RowStatement(Connection, "INSERT INTO cells(tenant, model, upstream, route, namespace, dialect, outcome, work) VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
            _insertPrice = new RowStatement(Connection, "INSERT INTO prices(price) VALUES(?)");
            _readSum = new RowStatement(Connection, "SELECT data FROM rollups WHERE level = ? AND start = ? AND cell = ?");
            _writeSum = new RowStatement(Connection, "INSERT OR REPLACE INTO rollups VALUES(?, ?, ?, ?)");
            _readKey = new RowStatement(Connection, "SELECT data FROM keys WHERE kind = ? AND day = ? AND name = ?");
            _writeKey = new RowStatement(Connection, "INSERT OR REPLACE INTO keys VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
            Trimmer = new LedgerTrimmer(Connection, AddToKey);
        }
        catch
        {
            Connection.Dispose();
            throw;
        }
    }

    /// <summary>Takes away what has been kept long enough.</summary>
    public LedgerTrimmer Trimmer { get; }

    /// <exception cref="SqliteException">Nothing of it is written; this object is not to be used any more.</exception>
    public void Write(LedgerBatch batch) => Write(() => Add(batch));

    protected override void Dispose(bool disposing)
    {
        foreach (RowStatement statement in new[] { _insertRow, _insertCell, _insertPrice, _readSum, _writeSum, _readKey, _writeKey })
        {
            statement.Dispose();
        }

        Trimmer.Dispose();
        base.Dispose(disposing);
    }

    private void Add(LedgerBatch batch)
    {
        // Another process may write to the file too: its names have numbers already.
        if (!_names.TryCatchUp(Connection))
        {
            throw new IOException("Another file has taken the ledger's place.");
        }

        foreach (ref readonly LedgerRow row in CollectionsMarshal.AsSpan(batch.Rows))
        {
            Insert(row);
        }

        foreach (LedgerRow row in batch.Merged)
        {
            Insert(row);
        }

        foreach (((int level, long start, int cell), LedgerTotals sum) in Rollup(batch))
        {
            AddToSum(level, start, cell, sum);
        }

        foreach (IGrouping<(KeyKind Kind, long Day, string Name), KeyValuePair<DayKey, LedgerTotals>> key in batch.Keys
            .GroupBy(sum => (sum.Key.Kind, sum.Key.Day, sum.Key.Name)).OrderBy(key => key.Key.Kind).ThenBy(key => key.Key.Name, StringComparer.Ordinal))
        {
            AddToKey(key.Key.Kind, key.Key.Day, KeyNames.Pack(key.Key.Name), key.Select(sum => (NumberOf(sum.Key.Cell), sum.Value)));
        }
    }

    // In the order of the table, so that neighbours are written one after the other.
    private SortedDictionary<(int Level, long Start, int Cell), LedgerTotals> Rollup(LedgerBatch batch)
    {
        var sums = new SortedDictionary<(int, long, int), LedgerTotals>();
        foreach (((long minute, CellKey key), LedgerTotals sum) in batch.Sums)
        {
            (int cell, int coarse, int tenant) = (NumberOf(key), NumberOf(key.Coarse), NumberOf(key.TenantOnly));
            foreach (RollupLevel level in RollupLevels.All)
            {
                long start = RollupLevels.Floor(level, minute);
                Add((RollupLevels.NumberOf(level, RollupCut.Cell), start, cell), sum);
                Add((RollupLevels.NumberOf(level, RollupCut.Coarse), start, coarse), sum);
                if (level != RollupLevel.Minute)
                {
                    Add((RollupLevels.NumberOf(level, RollupCut.Tenant), start, tenant), sum);
                }
            }
        }

        return sums;

        void Add((int, long, int) key, LedgerTotals sum)
        {
            if (!sums.TryGetValue(key, out LedgerTotals? total))
            {
                sums[key] = total = new LedgerTotals();
            }

            total.Merge(sum);
        }
    }

    private void Insert(in LedgerRow row)
    {
        _packed.Clear();
        RowCodec.Write(row, row.Price is { } price ? NumberOf(price) : 0, _packed);
        _insertRow.Add(row.Time.ToUnixTimeMilliseconds()).Add(NumberOf(CellKey.Of(row))).Add(row.User).Add(_packed.Written).Run();
    }

    private void AddToSum(int level, long start, int cell, LedgerTotals sum)
    {
        _readSum.Add(level).Add(start).Add(cell);
        AddWhatIsThere(_readSum, sum);
        _packed.Clear();
        TotalsCodec.Write(sum, _packed);
        _writeSum.Add(level).Add(start).Add(cell).Add(_packed.Written).Run();
    }

    private void AddToKey(KeyKind kind, long day, byte[] name, IEnumerable<(int Cell, LedgerTotals Sum)> sums)
    {
        // Sums of its own: what is given stays as it is, for it is written again where this fails.
        var cells = new SortedDictionary<int, LedgerTotals>();
        foreach ((int cell, LedgerTotals sum) in sums)
        {
            CellOf(cell).Merge(sum);
        }

        _readKey.Add((int)kind).Add(day).Add(name.AsSpan());
        if (_readKey.Read())
        {
            KeyCells.AddTo(CellOf, _readKey.BytesAt(0));
        }

        _readKey.Reset();
        _packed.Clear();
        KeyCells.Write(cells, _packed, _scratch);
        _writeKey.Add((int)kind).Add(day).Add(name.AsSpan());
        foreach (LedgerOrder order in KeyColumns.Orders)
        {
            _writeKey.Add((long)Math.Round(cells.Values.Sum(sum => LedgerKeys.Rank(sum, order))));
        }

        _writeKey.Add(_packed.Written).Run();

        LedgerTotals CellOf(int cell)
        {
            if (!cells.TryGetValue(cell, out LedgerTotals? sum))
            {
                cells[cell] = sum = new LedgerTotals();
            }

            return sum;
        }
    }

    private static void AddWhatIsThere(RowStatement statement, LedgerTotals sum)
    {
        if (statement.Read())
        {
            TotalsCodec.AddTo(sum, statement.BytesAt(0));
        }

        statement.Reset();
    }

    private int NumberOf(in CellKey cell)
    {
        if (_names.TryFind(cell, out int known))
        {
            return known;
        }

        CellKey added = _names.Count < MostCells ? cell : cell.WithoutNames;
        if (!_names.TryFind(added, out int number))
        {
            _insertCell.Add(added.Tenant).Add(added.Model).Add(added.Upstream).Add(added.Route).Add(added.Namespace)
                .Add((int)added.Dialect).Add((int)added.Outcome).Add((int)added.Work).Run();
            number = (int)SQLitePCL.raw.sqlite3_last_insert_rowid(Connection.Handle);
            _names.Add(number, added);
        }

        return number;
    }

    private int NumberOf(ModelPrice price)
    {
        if (_names.Prices.TryFind(price, out int number))
        {
            return number;
        }

        _insertPrice.Add(PriceNumbers.ToJson(price)).Run();
        number = (int)SQLitePCL.raw.sqlite3_last_insert_rowid(Connection.Handle);
        _names.Prices.Add(number, price);
        return number;
    }
}
