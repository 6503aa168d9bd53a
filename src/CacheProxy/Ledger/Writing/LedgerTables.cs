using System.Runtime.InteropServices;
using CacheProxy.Ledger.Files;
using CacheProxy.Ledger.Prices;
using CacheProxy.Storage;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Ledger.Writing;

/// <summary>The statements of the one writer. A batch is one transaction: rows and sums never disagree. Not thread-safe.</summary>
internal sealed class LedgerTables : IDisposable
{
    // Names of models and namespaces come from clients; a cell costs 100 bytes in the file and in every reader.
    private const int MostCells = 20_000;

    private readonly SqliteConnection _connection;
    private readonly Names _names;
    private readonly PackedWriter _packed = new();
    private readonly RowStatement _insertRow;
    private readonly RowStatement _insertCell;
    private readonly RowStatement _insertPrice;
    private readonly RowStatement _readSum;
    private readonly RowStatement _writeSum;
    private readonly RowStatement _readKey;
    private readonly RowStatement _writeKey;

    public LedgerTables(string path)
    {
        _connection = LedgerFile.OpenForWriting(path);
        try
        {
            _names = Names.Read(_connection);
            _insertRow = new RowStatement(_connection, "INSERT INTO rows(time, cell, user, data) VALUES(?, ?, ?, ?)");
            _insertCell = new RowStatement(_connection, "INSERT INTO cells(tenant, model, upstream, route, namespace, dialect, outcome, work) VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
            _insertPrice = new RowStatement(_connection, "INSERT INTO prices(price) VALUES(?)");
            _readSum = new RowStatement(_connection, "SELECT data FROM rollups WHERE level = ? AND start = ? AND cell = ?");
            _writeSum = new RowStatement(_connection, "INSERT OR REPLACE INTO rollups VALUES(?, ?, ?, ?)");
            _readKey = new RowStatement(_connection, "SELECT data FROM keys WHERE kind = ? AND day = ? AND name = ? AND cell = ?");
            _writeKey = new RowStatement(_connection, "INSERT OR REPLACE INTO keys VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
            Trimmer = new LedgerTrimmer(_connection, AddToKey);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>Takes away what has been kept long enough.</summary>
    public LedgerTrimmer Trimmer { get; }

    /// <exception cref="SqliteException">Nothing of it is written; this object is not to be used any more.</exception>
    public void Write(LedgerBatch batch)
    {
        SqliteFile.Execute(_connection, "BEGIN IMMEDIATE");
        // Another process may write to the file too: its names have numbers already.
        if (!_names.TryCatchUp(_connection))
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

        foreach ((DayKey key, LedgerTotals sum) in batch.Keys)
        {
            // A copy: what is in the file is added to it, and the batch is written again where this fails.
            var total = new LedgerTotals();
            total.Merge(sum);
            AddToKey(key.Kind, key.Day, key.Name, NumberOf(key.Cell), total);
        }

        SqliteFile.Execute(_connection, "COMMIT");
    }

    public void Dispose()
    {
        foreach (RowStatement statement in new[] { _insertRow, _insertCell, _insertPrice, _readSum, _writeSum, _readKey, _writeKey })
        {
            statement.Dispose();
        }

        Trimmer.Dispose();
        // Closing rolls back what was begun.
        _connection.Dispose();
    }

    // In the order of the table, so that neighbours are written one after the other.
    private SortedDictionary<(int Level, long Start, int Cell), LedgerTotals> Rollup(LedgerBatch batch)
    {
        var sums = new SortedDictionary<(int, long, int), LedgerTotals>();
        foreach (((long minute, CellKey key), LedgerTotals sum) in batch.Sums)
        {
            (int cell, int coarse) = (NumberOf(key), NumberOf(key.Coarse));
            foreach (RollupLevel level in RollupLevels.All)
            {
                long start = RollupLevels.Floor(level, minute);
                Add((RollupLevels.NumberOf(level, isCoarse: false), start, cell), sum);
                Add((RollupLevels.NumberOf(level, isCoarse: true), start, coarse), sum);
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

    private void AddToKey(KeyKind kind, long day, string name, int cell, LedgerTotals sum)
    {
        _readKey.Add((int)kind).Add(day).Add(name).Add(cell);
        AddWhatIsThere(_readKey, sum);
        _packed.Clear();
        TotalsCodec.Write(sum, _packed);
        _writeKey.Add((int)kind).Add(day).Add(name).Add(cell);
        foreach (LedgerOrder order in KeyColumns.Orders)
        {
            _writeKey.Add((long)LedgerKeys.Rank(sum, order));
        }

        _writeKey.Add(_packed.Written).Run();
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
            number = (int)SQLitePCL.raw.sqlite3_last_insert_rowid(_connection.Handle);
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
        number = (int)SQLitePCL.raw.sqlite3_last_insert_rowid(_connection.Handle);
        _names.Prices.Add(number, price);
        return number;
    }
}
