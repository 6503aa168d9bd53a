using System.Runtime.CompilerServices;
using CacheProxy.Ledger.Files;
using CacheProxy.Storage;

namespace CacheProxy.Ledger.Reading;

/// <summary>
/// Reads the ledger's file, of a running proxy or without one. Every answer is of one moment. A file that is not there holds nothing.
/// </summary>
/// <param name="folder">Of the file <c>ledger.db</c>.</param>
/// <param name="settle">Has written what this process has recorded so far; null: another process writes.</param>
public sealed class LedgerReader(string folder, Func<CancellationToken, Task>? settle = null) : ILedgerReader
{
    private const int PageRows = 1000;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    // A chart with more lines than this shows nothing.
    private const int MostSeriesKeys = 50;

    private readonly string _path = Path.Combine(folder, LedgerFile.FileName);
    private Names? _names;

    public Task<LedgerTotals> TotalsAsync(LedgerFilter filter, CancellationToken cancellationToken = default) => AskAsync(
        view =>
        {
            var totals = new LedgerTotals();
            view.Sum(view.Cover(filter), filter, LedgerView.CutOf(filter, null), (_, _) => totals);
            return totals;
        },
        () => new LedgerTotals(),
        cancellationToken);

    public Task<IReadOnlyList<LedgerPoint>> SeriesAsync(
        LedgerFilter filter, TimeSpan step, LedgerDimension? by = null, TimeZoneInfo? zone = null, CancellationToken cancellationToken = default)
    {
        (DateTimeOffset Start, DateTimeOffset End)[] steps = [.. SeriesSteps.Of(filter.From, filter.To, step, zone ?? TimeZoneInfo.Utc)];
        return AskAsync(
            view => by is { } dimension && KeyGroups.KindOf(dimension) is { } kind
                ? new KeyGroups(view, kind).Series(filter, steps, MostSeriesKeys)
                : Series(view, filter, steps, by),
            () => by is null ? [.. steps.Select(one => new LedgerPoint(one.Start, null, new LedgerTotals()))] : (IReadOnlyList<LedgerPoint>)[],
            cancellationToken);
    }

    public Task<IReadOnlyList<LedgerGroup>> GroupsAsync(
        LedgerFilter filter, LedgerDimension by, LedgerOrder order = LedgerOrder.Requests, int limit = 100, CancellationToken cancellationToken = default)
        => AskAsync<IReadOnlyList<LedgerGroup>>(
            view => KeyGroups.KindOf(by) is { } kind ? new KeyGroups(view, kind).Largest(filter, order, limit) : Groups(view, filter, by, order, limit),
            () => [],
            cancellationToken);

    public async IAsyncEnumerable<LedgerRow> RowsAsync(
        LedgerFilter filter, bool newestFirst = false, int limit = int.MaxValue, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        RowPlace? place = null;
        do
        {
            RowPlace? after = place;
            int most = limit;
            (List<LedgerRow> rows, place) = await AskAsync<(List<LedgerRow>, RowPlace?)>(
                view => view.ReadPage(filter, newestFirst, after, PageRows, most), () => ([], null), cancellationToken);
            foreach (LedgerRow row in rows)
            {
                yield return row;
            }

            limit -= rows.Count;
        }
        while (place is not null && limit > 0);
    }

    private static IReadOnlyList<LedgerPoint> Series(LedgerView view, LedgerFilter filter, (DateTimeOffset Start, DateTimeOffset End)[] steps, LedgerDimension? by)
    {
        long[] starts = [.. steps.Select(step => step.Start.ToUnixTimeMilliseconds())];
        var sums = new Dictionary<string, LedgerTotals>[steps.Length];
        (long lastTime, int step) = (long.MinValue, 0);
        view.Sum(view.Cover(filter, steps), filter, LedgerView.CutOf(filter, by), (time, cell) =>
        {
            if (time != lastTime)
            {
                // A period's cells come one after the other.
                int found = Array.BinarySearch(starts, time);
                (lastTime, step) = (time, Math.Max(0, found >= 0 ? found : ~found - 1));
            }

            return SumOf(sums[step] ??= [], by is { } dimension ? cell.KeyOf(dimension)! : "");
        });
        var points = new List<LedgerPoint>();
        for (int i = 0; i < steps.Length; i++)
        {
            if (by is null)
            {
                points.Add(new LedgerPoint(steps[i].Start, null, sums[i]?.GetValueOrDefault("") ?? new LedgerTotals()));
            }
            else
            {
                points.AddRange((sums[i] ?? []).OrderBy(sum => sum.Key, StringComparer.Ordinal).Select(sum => new LedgerPoint(steps[i].Start, sum.Key, sum.Value)));
            }
        }

        return points;
    }

    private static IReadOnlyList<LedgerGroup> Groups(LedgerView view, LedgerFilter filter, LedgerDimension by, LedgerOrder order, int limit)
    {
        var sums = new Dictionary<string, LedgerTotals>();
        view.Sum(view.Cover(filter), filter, LedgerView.CutOf(filter, by), (_, cell) => SumOf(sums, cell.KeyOf(by)!));
        return
        [
            .. sums.Select(sum => new LedgerGroup(sum.Key, sum.Value))
                .OrderByDescending(group => LedgerKeys.Rank(group.Totals, order)).ThenBy(group => group.Key, StringComparer.Ordinal).Take(limit),
        ];
    }

    private static LedgerTotals SumOf(Dictionary<string, LedgerTotals> sums, string key)
    {
        if (!sums.TryGetValue(key, out LedgerTotals? sum))
        {
            sums[key] = sum = new LedgerTotals();
        }

        return sum;
    }

    private async Task<T> AskAsync<T>(Func<LedgerView, T> ask, Func<T> nothing, CancellationToken cancellationToken)
    {
        if (settle is not null)
        {
            // Who looks sees what was just done. A disk that stalls is not waited for.
            await settle(cancellationToken).WaitAsync(Patience, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return await Task.Run(() => Ask(ask, nothing, cancellationToken), cancellationToken);
    }

    private T Ask<T>(Func<LedgerView, T> ask, Func<T> nothing, CancellationToken cancellationToken)
    {
        if (!File.Exists(_path))
        {
            return nothing();
        }

        using var view = new LedgerView(SqliteFile.OpenForReading(_path), Interlocked.Exchange(ref _names, null), cancellationToken);
        if (!view.IsLaid)
        {
            return nothing();
        }

        T answer = ask(view);
        Volatile.Write(ref _names, view.Names);
        return answer;
    }
}
