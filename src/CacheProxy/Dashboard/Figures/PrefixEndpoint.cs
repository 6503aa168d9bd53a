using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Api;
using CacheProxy.Ledger;

namespace CacheProxy.Dashboard.Figures;

/// <summary><c>GET /dashboard/api/prefix</c>: what the upstreams' own prefix caches saved, by upstream.</summary>
internal sealed class PrefixEndpoint(FiguresQueryReader queries, LedgerFigures figures)
{
    private const int MostUpstreams = 100;

    public async Task GetAsync(HttpContext context, AdminPass pass)
    {
        JsonFields fields = JsonFields.From(context.Request.Query);
        FiguresQuery query = queries.Read(fields);
        if (fields.Finish() is { } error)
        {
            await DashboardHttp.WriteAsync(context, error);
            return;
        }

        (IReadOnlyList<LedgerGroup> groups, string? notice) = await figures.AskAsync(
            (reader, cancellationToken) => reader.GroupsAsync(query.Filter, LedgerDimension.Upstream, LedgerOrder.Requests, MostUpstreams, cancellationToken), [], context.RequestAborted);

        // Without a name: what no upstream was asked for.
        LedgerGroup[] asked = [.. groups.Where(group => group.Key.Length > 0)];
        var all = new LedgerTotals();
        foreach (LedgerGroup group in asked)
        {
            all.Merge(group.Totals);
        }

        await DashboardHttp.WriteAsync(
            context,
            new PrefixCachesView(query.ToRange(), PrefixCacheView.From(null, all), [.. asked.Select(group => PrefixCacheView.From(group.Key, group.Totals))], notice),
            DashboardJson.Default.PrefixCachesView);
    }
}
