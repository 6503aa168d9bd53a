using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Api;
using CacheProxy.Dashboard.Figures;
using CacheProxy.Ledger;

namespace CacheProxy.Dashboard;

/// <summary><c>GET /dashboard/api/entries</c>: entries as administration lists them, with how often they were asked for.</summary>
internal sealed class EntryListEndpoint(EntryEndpoints entries, LedgerFigures figures, TimeProvider time)
{
    private const int MostAsked = 1000;

    private static readonly TimeSpan Counted = TimeSpan.FromDays(30);

    public async Task GetAsync(HttpContext context, AdminPass pass)
    {
        if (await entries.ReadPageAsync(context) is not { } page)
        {
            return;
        }

        DateTimeOffset now = time.GetUtcNow();
        var filter = new LedgerFilter(now - Counted, now.AddSeconds(1)) { Work = LedgerWork.Client };
        (IReadOnlyList<LedgerGroup> asked, _) = page.Entries.Count == 0 ? ([], null) : await figures.AskAsync(
            (reader, cancellationToken) => reader.GroupsAsync(filter, LedgerDimension.Entry, LedgerOrder.Requests, MostAsked, cancellationToken), [], context.RequestAborted);
        HashSet<string> shown = [.. page.Entries.Select(entry => entry.Id)];
        await DashboardHttp.WriteAsync(
            context,
            new EntryListView(page.Tier, page.Entries, asked.Where(group => shown.Contains(group.Key)).ToDictionary(group => group.Key, group => group.Totals.Hits), page.Next),
            DashboardJson.Default.EntryListView);
    }
}
