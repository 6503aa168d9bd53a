using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Api;
using CacheProxy.Ledger;

namespace CacheProxy.Dashboard.Figures;

/// <summary><c>GET /dashboard/api/choices</c>: tenants, models and upstreams to filter by, in one answer.</summary>
internal sealed class ChoicesEndpoint(FiguresQueryReader queries, LedgerFigures figures)
{
    private const int Most = 100;

    public async Task GetAsync(HttpContext context, AdminPass pass)
    {
        JsonFields fields = JsonFields.From(context.Request.Query);
        FiguresQuery query = queries.Read(fields);
        if (fields.Finish() is { } error)
        {
            await DashboardHttp.WriteAsync(context, error);
            return;
        }

        (IReadOnlyList<string>[] names, string? notice) = await figures.AskAsync(
            async (reader, cancellationToken) => (IReadOnlyList<string>[])
            [
                await NamesAsync(reader, query.Filter, LedgerDimension.Tenant, cancellationToken),
                await NamesAsync(reader, query.Filter, LedgerDimension.Model, cancellationToken),
                await NamesAsync(reader, query.Filter, LedgerDimension.Upstream, cancellationToken),
            ],
            [[], [], []], context.RequestAborted);
        await DashboardHttp.WriteAsync(context, new ChoicesView(query.ToRange(), names[0], names[1], names[2], notice), DashboardJson.Default.ChoicesView);
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(ILedgerReader reader, LedgerFilter filter, LedgerDimension by, CancellationToken cancellationToken)
    {
        IReadOnlyList<LedgerGroup> groups = await reader.GroupsAsync(filter, by, LedgerOrder.Requests, Most, cancellationToken);
        return [.. groups.Select(group => group.Key).Where(name => name.Length > 0)];
    }
}
