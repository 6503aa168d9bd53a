using CacheProxy.Exchange;
using CacheProxy.Storage;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Ledger.Files;

/// <summary>The cells and prices of a file by their numbers. What is there never changes: who knows some needs only what came since.</summary>
internal sealed class Names
{
    private readonly Dictionary<int, CellKey> _cells = [];
    private readonly Dictionary<CellKey, int> _numbers = [];

    private int _last;

    public PriceNumbers Prices { get; } = new();

    public int Count => _cells.Count;

    /// <summary>The file they are of.</summary>
    public string FileId { get; private set; } = "";

    public IEnumerable<KeyValuePair<int, CellKey>> Cells => _cells;

    public bool TryFind(in CellKey cell, out int number) => _numbers.TryGetValue(cell, out number);

    /// <exception cref="InvalidDataException">The file does not say.</exception>
    public CellKey Of(int number)
        => _cells.TryGetValue(number, out CellKey cell) ? cell : throw new InvalidDataException("The ledger's file has sums of nothing.");

    public void Add(int number, in CellKey cell)
    {
        _cells[number] = cell;
        _numbers[cell] = number;
        _last = Math.Max(_last, number);
    }

    public static Names Read(SqliteConnection connection)
    {
        var names = new Names();
        names.Catch(connection);
        return names;
    }

    /// <summary>True: it is still the same file, and what came since is known too.</summary>
    public bool TryCatchUp(SqliteConnection connection)
    {
        if (FileIdOf(connection) != FileId)
        {
            return false;
        }

        Catch(connection);
        return true;
    }

    private void Catch(SqliteConnection connection)
    {
        FileId = FileIdOf(connection);
        using (var cells = new RowStatement(connection, "SELECT id, tenant, model, upstream, route, namespace, dialect, outcome, work FROM cells WHERE id > ?"))
        {
            cells.Add(_last);
            while (cells.Read())
            {
                Add((int)cells.LongAt(0), new CellKey(
                    cells.TextAt(1)!, cells.TextAt(2)!, cells.TextAt(3)!, cells.TextAt(4)!, cells.TextAt(5)!,
                    (Dialect)cells.LongAt(6), (CacheOutcome)cells.LongAt(7), (LedgerWork)cells.LongAt(8)));
            }
        }

        using var prices = new RowStatement(connection, "SELECT id, price FROM prices WHERE id > ?");
        prices.Add(Prices.Last);
        while (prices.Read())
        {
            Prices.Add((int)prices.LongAt(0), prices.TextAt(1)!);
        }
    }

    private static string FileIdOf(SqliteConnection connection) => (string)SqliteFile.Scalar(connection, "SELECT value FROM marks WHERE name = 'file'")!;
}
