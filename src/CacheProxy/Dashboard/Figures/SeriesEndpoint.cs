using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Api;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Dashboard.Figures;

/// <summary><c>GET /dashboard/api/series</c>: figures step by step, of all requests or of the largest of what they are grouped by.</summary>
internal sealed class SeriesEndpoint(FiguresQueryReader queries, LedgerFigures figures)
{
    private const string Others = "(other)";
    private const int DefaultKeys = 8;
    private const int MostKeys = 20;

    // Each has thousands of values: as lines of one chart nobody could read them.
    private static readonly LedgerDimension[] TooMany = [LedgerDimension.User, LedgerDimension.Entry, LedgerDimension.Prefix];

    public async Task GetAsync(HttpContext context, AdminPass pass)
    {
        JsonFields fields = JsonFields.From(context.Request.Query);
        FiguresQuery query = queries.Read(fields, hasSteps: true);
        LedgerDimension? by = FiguresQueryReader.ReadName<LedgerDimension>(fields, "by");
        int limit = fields.Number("limit", 1, MostKeys) ?? DefaultKeys;
        if (by is { } many && TooMany.Contains(many))
        {
            fields.Fail(RequestError.InvalidValue("by", "a series is by tenant, model, upstream, route, namespace, dialect, outcome or work."));
        }

        if (fields.Finish() is { } error)
        {
            await DashboardHttp.WriteAsync(context, error);
            return;
        }

        (IReadOnlyList<LedgerPoint> points, string? notice) = await figures.AskAsync(
            (reader, cancellationToken) => reader.SeriesAsync(query.Filter, query.Step!.Value, by, query.Zone, cancellationToken), [], context.RequestAborted);
        DateTimeOffset[] starts = [.. SeriesSteps.Of(query.Filter.From, query.Filter.To, query.Step!.Value, query.Zone).Select(step => step.Start)];
        await DashboardHttp.WriteAsync(
            context,
            new SeriesView(query.ToRange(), by?.ToTag(), [.. starts.Select(start => start.ToUnixTimeSeconds())], Columns(points, starts, by is null, limit), notice),
            DashboardJson.Default.SeriesView);
    }

    private static List<SeriesColumns> Columns(IReadOnlyList<LedgerPoint> points, DateTimeOffset[] starts, bool isOne, int limit)
    {
        Dictionary<DateTimeOffset, int> places = starts.Index().ToDictionary(step => step.Item, step => step.Index);
        if (isOne)
        {
            return [SeriesColumns.From(null, Steps(points, places))];
        }

        IGrouping<string, LedgerPoint>[] groups =
        [
            .. points.GroupBy(point => point.Key ?? "", StringComparer.Ordinal)
                .OrderByDescending(group => group.Sum(point => point.Totals.Requests + point.Totals.BackgroundCalls)).ThenBy(group => group.Key, StringComparer.Ordinal),
        ];
        List<SeriesColumns> columns = [.. groups.Take(limit).Select(group => SeriesColumns.From(group.Key, Steps(group, places)))];
        if (groups.Length > limit)
        {
            columns.Add(SeriesColumns.From(Others, Steps(groups.Skip(limit).SelectMany(group => group), places)));
        }

        return columns;
    }

    private static LedgerTotals[] Steps(IEnumerable<LedgerPoint> points, Dictionary<DateTimeOffset, int> places)
    {
        var steps = new LedgerTotals[places.Count];
        for (int i = 0; i < steps.Length; i++)
        {
            steps[i] = new LedgerTotals();
        }

        foreach (LedgerPoint point in points)
        {
            if (places.TryGetValue(point.Start, out int place))
            {
                steps[place].Merge(point.Totals);
            }
        }

        return steps;
    }
}
