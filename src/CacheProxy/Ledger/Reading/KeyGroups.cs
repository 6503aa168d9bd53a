using System.Runtime.InteropServices;
using CacheProxy.Ledger.Files;
using CacheProxy.Storage;

namespace CacheProxy.Ledger.Reading;

/// <summary>
/// Groups by user, entry or prefix, whose sums are kept by the day. The first and last day of a range, where it takes a part of them, come from their
/// rows as long as these are not too many to read; else they count whole.
/// </summary>
internal sealed class KeyGroups(LedgerView view, KeyKind kind)
{
    // At either end; read in 25 ms.
    private const long MostRows = 20_000;

    private const long Day = 24 * 60 * 60_000L;

    /// <summary>Null: sums are kept by its cells.</summary>
    public static KeyKind? KindOf(LedgerDimension dimension) => dimension switch
    {
        LedgerDimension.User => KeyKind.User,
        LedgerDimension.Entry => KeyKind.Entry,
        LedgerDimension.Prefix => KeyKind.Prefix,
        _ => null,
    };

    public LedgerGroups Largest(LedgerFilter filter, LedgerOrder order, int limit)
    {
        (long from, long to, Dictionary<string, LedgerTotals> partly) = Split(filter);
        var ranks = new Dictionary<byte[], long>(KeyNames.Comparer);
        foreach ((string name, LedgerTotals sum) in partly)
        {
            ranks[KeyNames.Pack(name)] = (long)Math.Round(LedgerKeys.Rank(sum, order));
        }

        AddRanks(filter, order, from, to, ranks);
        LedgerGroup[] groups =
        [
            .. First(ranks, limit).Select(rank => (Name: KeyNames.Unpack(rank.Key), Rank: rank.Value))
                .OrderByDescending(rank => rank.Rank).ThenBy(rank => rank.Name, StringComparer.Ordinal).Take(limit)
                .Select(rank => new LedgerGroup(rank.Name, SumOf(filter, rank.Name, from, to, partly.GetValueOrDefault(rank.Name)))),
        ];
        return from < to
            ? new LedgerGroups(groups, Earlier(filter.From, from), Later(filter.To, to))
            : new LedgerGroups(groups, filter.From, filter.To);
    }

    /// <summary>Of the keys with the most requests in the whole range.</summary>
    public IReadOnlyList<LedgerPoint> Series(LedgerFilter filter, IReadOnlyList<(DateTimeOffset Start, DateTimeOffset End)> steps, int keys)
    {
        string[] names = [.. Largest(filter, LedgerOrder.Requests, keys).Select(group => group.Key)];
        var points = new List<LedgerPoint>();
        foreach ((DateTimeOffset start, DateTimeOffset end) in steps)
        {
            LedgerFilter part = filter with { From = start > filter.From ? start : filter.From, To = end < filter.To ? end : filter.To };
            (long from, long to, Dictionary<string, LedgerTotals> partly) = Split(part);
            foreach (string name in names)
            {
                LedgerTotals sum = SumOf(part, name, from, to, partly.GetValueOrDefault(name));
                if (sum.Requests + sum.BackgroundCalls > 0)
                {
                    points.Add(new LedgerPoint(start, name, sum));
                }
            }
        }

        return points;
    }

    /// <summary>Whole days, in Unix milliseconds, and the sums of what is beside them.</summary>
    private (long From, long To, Dictionary<string, LedgerTotals> Partly) Split(LedgerFilter filter)
    {
        long from = Math.Max(0, filter.From.ToUnixTimeMilliseconds()), to = filter.To.ToUnixTimeMilliseconds();
        long firstDay = (from + Day - 1) / Day * Day, endDay = to / Day * Day;
        var partly = new Dictionary<string, LedgerTotals>();
        if (firstDay > endDay)
        {
            // Within one day.
            return TryAddRows(filter, from, to, partly) ? (0, 0, partly) : (endDay, firstDay, partly);
        }

        firstDay = TryAddRows(filter, from, firstDay, partly) ? firstDay : firstDay - Day;
        endDay = TryAddRows(filter, endDay, to, partly) ? endDay : endDay + Day;
        return (firstDay, endDay, partly);
    }

    private bool TryAddRows(LedgerFilter filter, long from, long to, Dictionary<string, LedgerTotals> sums)
    {
        if (from >= to)
        {
            return true;
        }

        if (from < view.Marks.Rows || CountRows(from, to) > MostRows)
        {
            return false;
        }

        view.ReadRows(new RangePiece(null, from, to), filter, (time, row) =>
        {
            string? name = kind switch { KeyKind.User => row.User, KeyKind.Entry => row.CountedEntryId, _ => row.PrefixId };
            if (name is not null)
            {
                (CollectionsMarshal.GetValueRefOrAddDefault(sums, name, out bool _) ??= new LedgerTotals()).Add(row, withTimes: false);
            }
        });
        return true;
    }

    // Numbers of rows follow their times, but for rows of a clock that was set back.
    private long CountRows(long from, long to)
    {
        using var ends = new RowStatement(view.Connection, """
            SELECT COALESCE((SELECT id FROM rows WHERE time < ?2 ORDER BY time DESC LIMIT 1), 0) - COALESCE((SELECT id FROM rows WHERE time >= ?1 ORDER BY time LIMIT 1), 0)
            """);
        ends.Add(from).Add(to);
        return ends.Read() ? Math.Abs(ends.LongAt(0)) : 0;
    }

    private static DateTimeOffset Earlier(DateTimeOffset time, long day) => time.ToUnixTimeMilliseconds() <= day ? time : DateTimeOffset.FromUnixTimeMilliseconds(day);

    private static DateTimeOffset Later(DateTimeOffset time, long day) => time.ToUnixTimeMilliseconds() >= day ? time : DateTimeOffset.FromUnixTimeMilliseconds(day);

    // Those that are not behind the last of so many: ordering 100,000 names would take longer than adding them up.
    private static IEnumerable<KeyValuePair<byte[], long>> First(Dictionary<byte[], long> ranks, int limit)
    {
        if (ranks.Count <= limit || limit <= 0)
        {
            return ranks;
        }

        var first = new PriorityQueue<long, long>();
        foreach (long rank in ranks.Values)
        {
            if (first.Count < limit)
            {
                first.Enqueue(rank, rank);
            }
            else if (rank > first.Peek())
            {
                first.EnqueueDequeue(rank, rank);
            }
        }

        long last = first.Peek();
        return ranks.Where(rank => rank.Value >= last);
    }

    private void AddRanks(LedgerFilter filter, LedgerOrder order, long from, long to, Dictionary<byte[], long> ranks)
    {
        // What concerns all cells stands in a column; else the cells are added up.
        bool isAll = filter == new LedgerFilter(filter.From, filter.To);
        using var keys = new RowStatement(
            view.Connection, $"SELECT name, {(isAll ? KeyColumns.NameOf(order) : "data")} FROM keys WHERE kind = ? AND day >= ? AND day < ? AND name > x'00'");
        keys.Add((int)kind).Add(from / 60_000).Add(to / 60_000);
        Dictionary<byte[], long>.AlternateLookup<ReadOnlySpan<byte>> byName = ranks.GetAlternateLookup<ReadOnlySpan<byte>>();
        var sum = new LedgerTotals();
        bool isMatch = false;
        Func<int, LedgerTotals?> matching = Matching(filter, () =>
        {
            isMatch = true;
            return sum;
        });
        while (view.Next(keys))
        {
            if (isAll)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(byName, keys.BytesAt(0), out _) += keys.LongAt(1);
                continue;
            }

            isMatch = false;
            KeyCells.AddTo(matching, keys.BytesAt(1));
            if (isMatch)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(byName, keys.BytesAt(0), out _) += (long)Math.Round(LedgerKeys.Rank(sum, order));
                sum.Clear();
            }
        }
    }

    private Func<int, LedgerTotals?> Matching(LedgerFilter filter, Func<LedgerTotals> sum)
    {
        var matches = new Dictionary<int, bool>();
        return cell =>
        {
            if (!matches.TryGetValue(cell, out bool isMatch))
            {
                matches[cell] = isMatch = view.Names.Of(cell).Matches(filter);
            }

            return isMatch ? sum() : null;
        };
    }

    private LedgerTotals SumOf(LedgerFilter filter, string name, long from, long to, LedgerTotals? partly)
    {
        var sum = new LedgerTotals();
        if (partly is not null)
        {
            sum.Merge(partly);
        }

        byte[] packed = KeyNames.Pack(name);
        Func<int, LedgerTotals?> matching = Matching(filter, () => sum);
        using var data = new RowStatement(view.Connection, "SELECT data FROM keys WHERE kind = ? AND day = ? AND name = ?");
        for (long day = from; day < to; day += Day)
        {
            data.Add((int)kind).Add(day / 60_000).Add(packed.AsSpan());
            while (data.Read())
            {
                KeyCells.AddTo(matching, data.BytesAt(0));
            }
        }

        return sum;
    }
}
