using System.Runtime.InteropServices;
using CacheProxy.Ledger.Files;
using CacheProxy.Storage;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Ledger.Writing;

/// <summary>
/// Takes away what has been kept long enough, a few thousand rows in a transaction, so that what comes meanwhile does not wait for it. Says in
/// the file from when on it is whole.
/// </summary>
internal sealed class LedgerTrimmer(SqliteConnection connection, Action<KeyKind, long, byte[], IEnumerable<(int Cell, LedgerTotals Sum)>> addToKey) : IDisposable
{
    private const int RowsAtOnce = 5000;
    private const int KeysAtOnce = 1000;

    private static readonly TimeSpan LongestStep = TimeSpan.FromDays(1);

    private readonly RowStatement _setMark = new(connection, "INSERT OR REPLACE INTO marks VALUES(?, ?)");
    private readonly RowStatement _dropRows = new(
        connection, "DELETE FROM rows WHERE id IN (SELECT id FROM rows WHERE time < ? ORDER BY time LIMIT ?)");

    private readonly RowStatement _dropSums = new(connection, """
        DELETE FROM rollups WHERE level = ?1 AND start < ?2
        AND start <= (SELECT MAX(start) FROM (SELECT start FROM rollups WHERE level = ?1 AND start < ?2 ORDER BY start LIMIT ?3))
        """);

    private readonly RowStatement _dropKeys = new(connection, """
        DELETE FROM keys WHERE kind = ?1 AND day = (SELECT MIN(day) FROM keys WHERE kind = ?1) AND day < ?2
        """);

    private readonly Queue<byte[]> _surplus = new();
    private (KeyKind Kind, long Day) _surplusOf;

    /// <summary>One step. True: there is more to do.</summary>
    public bool Trim(DateTimeOffset clock, LedgerOptions options)
    {
        SqliteFile.Execute(connection, "BEGIN IMMEDIATE");
        DateTimeOffset now = Creep(clock);
        bool hasMore = TrimRows(now.AddDays(-options.RowDays))
            | TrimSums(RollupLevel.Minute, now.AddDays(-options.MinuteDays))
            | TrimSums(RollupLevel.Hour, now.AddDays(-options.HourDays))
            | TrimSums(RollupLevel.Day, now.AddDays(-options.DayDays))
            | TrimKeys(RollupLevels.MinuteOf(now.AddDays(-options.HourDays)))
            | GatherKeys(RollupLevels.Floor(RollupLevel.Day, RollupLevels.MinuteOf(now)), options.KeysPerDay);
        SqliteFile.Execute(connection, "COMMIT");
        return hasMore;
    }

    public void Dispose()
    {
        foreach (RowStatement statement in new[] { _setMark, _dropRows, _dropSums, _dropKeys })
        {
            statement.Dispose();
        }
    }

    // A clock that is set far ahead by mistake must not take away all at once: what it costs until somebody sets it right is a day of the oldest a minute.
    private DateTimeOffset Creep(DateTimeOffset clock)
    {
        DateTimeOffset now = Marks.TrimmedAt(connection) is { } last && clock - last > LongestStep ? last + LongestStep : clock;
        _setMark.Add(Marks.Trimmed).Add(now.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture)).Run();
        return now;
    }

    private int Changes => SQLitePCL.raw.sqlite3_changes(connection.Handle);

    private bool TrimRows(DateTimeOffset before)
    {
        _dropRows.Add(before.ToUnixTimeMilliseconds()).Add(RowsAtOnce).Run();
        int dropped = Changes;
        if (dropped > 0)
        {
            _setMark.Add(Marks.RowsFrom).Add(before.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture)).Run();
        }

        return dropped == RowsAtOnce;
    }

    private bool TrimSums(RollupLevel level, DateTimeOffset before)
    {
        long start = RollupLevels.Floor(level, RollupLevels.MinuteOf(before));
        int dropped = 0;
        foreach (RollupCut cut in Enum.GetValues<RollupCut>())
        {
            _dropSums.Add(RollupLevels.NumberOf(level, cut)).Add(start).Add(RowsAtOnce).Run();
            dropped = Math.Max(dropped, Changes);
        }

        if (dropped > 0)
        {
            _setMark.Add(Marks.From(level)).Add(start.ToString(System.Globalization.CultureInfo.InvariantCulture)).Run();
        }

        return dropped >= RowsAtOnce;
    }

    private bool TrimKeys(long before)
    {
        int dropped = 0;
        foreach (KeyKind kind in Enum.GetValues<KeyKind>())
        {
            _dropKeys.Add((int)kind).Add(before).Run();
            dropped += Changes;
        }

        return dropped > 0;
    }

    /// <summary>Of a day that is over, adds up the sums of those keys that matter least.</summary>
    private bool GatherKeys(long today, int most)
    {
        if (_surplus.Count == 0 && !FindSurplus(today, most))
        {
            return false;
        }

        using var read = new RowStatement(connection, "SELECT data FROM keys WHERE kind = ? AND day = ? AND name = ?");
        using var drop = new RowStatement(connection, "DELETE FROM keys WHERE kind = ? AND day = ? AND name = ?");
        (KeyKind kind, long day) = _surplusOf;
        var others = new Dictionary<int, LedgerTotals>();
        for (int i = 0; i < KeysAtOnce && _surplus.TryDequeue(out byte[]? name); i++)
        {
            read.Add((int)kind).Add(day).Add(name.AsSpan());
            while (read.Read())
            {
                KeyCells.AddTo(cell => CollectionsMarshal.GetValueRefOrAddDefault(others, cell, out _) ??= new LedgerTotals(), read.BytesAt(0));
            }

            drop.Add((int)kind).Add(day).Add(name.AsSpan()).Run();
        }

        addToKey(kind, day, KeyNames.Rest, others.Select(other => (other.Key, other.Value)));
        return true;
    }

    // What is kept is the first by requests, by what was avoided and by what was paid.
    private bool FindSurplus(long today, int most)
    {
        using var crowded = new RowStatement(connection, "SELECT day FROM keys WHERE kind = ? AND day < ? GROUP BY day HAVING COUNT(*) > ? LIMIT 1");
        foreach (KeyKind kind in Enum.GetValues<KeyKind>())
        {
            // Each of the three orders keeps its own.
            crowded.Add((int)kind).Add(today).Add((3L * most) + 1);
            bool isCrowded = crowded.Read();
            long day = isCrowded ? crowded.LongAt(0) : 0;
            crowded.Reset();
            if (isCrowded)
            {
                _surplusOf = (kind, day);
                FindSurplusOfDay(kind, day, most);
                return _surplus.Count > 0;
            }
        }

        return false;
    }

    private void FindSurplusOfDay(KeyKind kind, long day, int most)
    {
        var names = new List<(byte[] Name, long Requests, long Paid, long Avoided)>();
        using var read = new RowStatement(
            connection, "SELECT name, requests, paid, avoided FROM keys WHERE kind = ? AND day = ? AND name > x'00'");
        read.Add((int)kind).Add(day);
        while (read.Read())
        {
            names.Add((read.BytesAt(0).ToArray(), read.LongAt(1), read.LongAt(2), read.LongAt(3)));
        }

        var kept = new HashSet<byte[]>(
        [
            .. names.OrderByDescending(name => name.Requests).Take(most).Select(name => name.Name),
            .. names.Where(name => name.Paid > 0).OrderByDescending(name => name.Paid).Take(most).Select(name => name.Name),
            .. names.Where(name => name.Avoided > 0).OrderByDescending(name => name.Avoided).Take(most).Select(name => name.Name),
        ]);
        foreach ((byte[] name, _, _, _) in names.Where(name => !kept.Contains(name.Name)))
        {
            _surplus.Enqueue(name);
        }
    }
}
