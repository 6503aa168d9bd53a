using CacheProxy.Ledger.Files;
using CacheProxy.Storage;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Ledger.Reading;

/// <summary>The file as it is at one moment. For one caller at a time.</summary>
internal sealed class LedgerView : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly CancellationToken _cancellation;

    /// <param name="known">What an earlier view knew of the names; it belongs to this one from here on.</param>
    public LedgerView(SqliteConnection connection, Names? known, CancellationToken cancellation)
    {
        (_connection, _cancellation) = (connection, cancellation);
        try
        {
            SqliteFile.Execute(connection, "PRAGMA cache_size = -32768; BEGIN");
            IsLaid = SqliteFile.VersionOf(connection) == LedgerFile.LayoutVersion;
            if (IsLaid)
            {
                Names = known?.TryCatchUp(connection) == true ? known : Names.Read(connection);
                Marks = Marks.Read(connection);
            }
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>False: its writer has not got round to it.</summary>
    public bool IsLaid { get; }

    public Names Names { get; } = new();

    public Marks Marks { get; }

    public SqliteConnection Connection => _connection;

    /// <summary>The sums to ask: the fewest that leave out nothing of what the question names.</summary>
    public static RollupCut CutOf(LedgerFilter filter, LedgerDimension? by)
    {
        if (filter is { Tenant: null, Route: null, Namespace: null } && by is not (LedgerDimension.Tenant or LedgerDimension.Route or LedgerDimension.Namespace))
        {
            return RollupCut.Coarse;
        }

        return filter is { Model: null, Upstream: null, Route: null, Namespace: null, Dialect: null }
            && by is null or (LedgerDimension.Tenant or LedgerDimension.Outcome or LedgerDimension.Work)
            ? RollupCut.Tenant
            : RollupCut.Cell;
    }

    public List<RangePiece> Cover(LedgerFilter filter) => RangeCover.Of(filter.From, filter.To, Marks);

    public List<RangePiece> Cover(LedgerFilter filter, IReadOnlyList<(DateTimeOffset Start, DateTimeOffset End)> steps)
        => steps.Count == 0 ? [] : RangeCover.Of(filter.From, filter.To, steps, Marks);

    /// <param name="sumOf">The totals that a period's or row's cell adds to; the time is in Unix milliseconds.</param>
    public void Sum(List<RangePiece> pieces, LedgerFilter filter, RollupCut cut, Func<long, CellKey, LedgerTotals> sumOf)
    {
        var matches = new Dictionary<int, CellKey?>();
        foreach (RangePiece piece in pieces)
        {
            if (piece.Level is { } level)
            {
                AddSums(RollupLevels.NumberOf(level, level == RollupLevel.Minute && cut == RollupCut.Tenant ? RollupCut.Cell : cut), piece, MatchOf, sumOf);
            }
            else
            {
                ReadRows(piece, filter, (time, row) => sumOf(time, CellKey.Of(row)).Add(row));
            }
        }

        CellKey? MatchOf(int number)
        {
            if (!matches.TryGetValue(number, out CellKey? cell))
            {
                CellKey known = Names.Of(number);
                matches[number] = cell = known.Matches(filter) ? known : null;
            }

            return cell;
        }
    }

    public void ReadRows(RangePiece piece, LedgerFilter filter, Action<long, LedgerRow> add)
    {
        using var rows = new RowStatement(_connection, "SELECT time, cell, user, data FROM rows WHERE time >= ? AND time < ?");
        rows.Add(piece.From).Add(piece.To);
        while (Next(rows))
        {
            CellKey cell = Names.Of((int)rows.LongAt(1));
            if (cell.Matches(filter))
            {
                add(rows.LongAt(0), RowAt(rows, 0, cell));
            }
        }
    }

    /// <summary>The matching ones among the next rows.</summary>
    /// <param name="scanned">At most so many are looked at.</param>
    /// <param name="most">At most so many are given.</param>
    /// <returns>And where to go on; null: there are no more.</returns>
    public (List<LedgerRow> Rows, RowPlace? Place) ReadPage(LedgerFilter filter, bool newestFirst, RowPlace? after, int scanned, int most)
    {
        using var rows = new RowStatement(_connection, newestFirst
            ? "SELECT time, cell, user, data, id FROM rows WHERE time >= ? AND time <= ? AND (time, id) < (?, ?) ORDER BY time DESC, id DESC LIMIT ?"
            : "SELECT time, cell, user, data, id FROM rows WHERE time >= ? AND time <= ? AND (time, id) > (?, ?) ORDER BY time, id LIMIT ?");
        long from = filter.From.ToUnixTimeMilliseconds(), to = filter.To.ToUnixTimeMilliseconds();
        (long low, long high) = after is { } place ? newestFirst ? (from, place.Time) : (place.Time, to) : (from, to);
        RowPlace start = after ?? (newestFirst ? new RowPlace(long.MaxValue, 0) : new RowPlace(long.MinValue, 0));
        rows.Add(low).Add(high).Add(start.Time).Add(start.Id).Add(scanned);
        var found = new List<LedgerRow>();
        int count = 0;
        RowPlace last = start;
        while (found.Count < most && Next(rows))
        {
            count++;
            last = new RowPlace(rows.LongAt(0), rows.LongAt(4));
            CellKey cell = Names.Of((int)rows.LongAt(1));
            LedgerRow row = cell.Matches(filter) ? RowAt(rows, 0, cell) : default;
            if (row.Requests > 0 && filter.Matches(row))
            {
                found.Add(row);
            }
        }

        return (found, count == scanned ? last : null);
    }

    public void Dispose() => _connection.Dispose();

    private void AddSums(int level, RangePiece piece, Func<int, CellKey?> matchOf, Func<long, CellKey, LedgerTotals> sumOf)
    {
        using var sums = new RowStatement(_connection, "SELECT start, cell, data FROM rollups WHERE level = ? AND start >= ? AND start < ?");
        sums.Add(level).Add(piece.From / 60_000).Add(piece.To / 60_000);
        while (Next(sums))
        {
            if (matchOf((int)sums.LongAt(1)) is { } cell)
            {
                TotalsCodec.AddTo(sumOf(sums.LongAt(0) * 60_000, cell), sums.BytesAt(2));
            }
        }
    }

    /// <summary>The statement's next row, unless nobody waits for it any more.</summary>
    public bool Next(RowStatement statement)
    {
        _cancellation.ThrowIfCancellationRequested();
        return statement.Read();
    }

    // Time, cell, user and data from that column on.
    private LedgerRow RowAt(RowStatement rows, int column, in CellKey cell) => RowCodec.Read(
        rows.BytesAt(column + 3), DateTimeOffset.FromUnixTimeMilliseconds(rows.LongAt(column)), cell, rows.TextAt(column + 2), Names.Prices);
}
