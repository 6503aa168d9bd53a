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
    // Read in 150 ms.
    private const long MostRows = 200_000;

    private const long Day = 24 * 60 * 60_000L;

    /// <summary>Null: sums are kept by its cells.</summary>
    public static KeyKind? KindOf(LedgerDimension dimension) => dimension switch
    {
        LedgerDimension.User => KeyKind.User,
        LedgerDimension.Entry => KeyKind.Entry,
        LedgerDimension.Prefix => KeyKind.Prefix,
        _ => null,
    };

    public IReadOnlyList<LedgerGroup> Largest(LedgerFilter filter, LedgerOrder order, int limit)
    {
        (long from, long to, Dictionary<string, LedgerTotals> partly) = Split(filter);
        var ranks = new Dictionary<string, double>();
        foreach ((string name, LedgerTotals sum) in partly)
        {
            ranks[name] = LedgerKeys.Rank(sum, order);
        }

        AddRanks(filter, order, from, to, ranks);
        return
        [
            .. ranks.OrderByDescending(rank => rank.Value).ThenBy(rank => rank.Key, StringComparer.Ordinal).Take(limit)
                .Select(rank => new LedgerGroup(rank.Key, SumOf(filter, rank.Key, from, to, partly.GetValueOrDefault(rank.Key)))),
        ];
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
            string? name = kind switch { KeyKind.User => row.User, KeyKind.Entry => row.EntryId, _ => row.PrefixId };
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

    private void AddRanks(LedgerFilter filter, LedgerOrder order, long from, long to, Dictionary<string, double> ranks)
    {
        using var keys = new RowStatement(
            view.Connection, $"SELECT name, cell, {KeyColumns.NameOf(order)} FROM keys WHERE kind = ? AND day >= ? AND day < ? AND name > ''");
        keys.Add((int)kind).Add(from / 60_000).Add(to / 60_000);
        var matches = new Dictionary<int, bool>();
        while (keys.Read())
        {
            int cell = (int)keys.LongAt(1);
            if (!matches.TryGetValue(cell, out bool isMatch))
            {
                matches[cell] = isMatch = view.Names.Of(cell).Matches(filter);
            }

            if (isMatch)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(ranks, keys.TextAt(0)!, out _) += keys.LongAt(2);
            }
        }
    }

    private LedgerTotals SumOf(LedgerFilter filter, string name, long from, long to, LedgerTotals? partly)
    {
        var sum = new LedgerTotals();
        if (partly is not null)
        {
            sum.Merge(partly);
        }

        using var data = new RowStatement(view.Connection, "SELECT cell, data FROM keys WHERE kind = ? AND day = ? AND name = ?");
        for (long day = from; day < to; day += Day)
        {
            data.Add((int)kind).Add(day / 60_000).Add(name);
            while (data.Read())
            {
                if (view.Names.Of((int)data.LongAt(0)).Matches(filter))
                {
                    TotalsCodec.AddTo(sum, data.BytesAt(1));
                }
            }
        }

        return sum;
    }
}
