using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Budget;
using CacheProxy.Dashboard.Api;

namespace CacheProxy.Dashboard;

/// <summary><c>GET /dashboard/api/budgets</c>: how full each is, the fullest first.</summary>
internal sealed class BudgetsEndpoint(IBudgetStates states)
{
    // Where each user has one there may be tens of thousands.
    private const int Most = 500;

    public async Task GetAsync(HttpContext context, AdminPass pass)
    {
        JsonFields fields = JsonFields.From(context.Request.Query);
        if (fields.Finish() is { } error)
        {
            await DashboardHttp.WriteAsync(context, error);
            return;
        }

        IReadOnlyList<BudgetState> all = states.All;
        await DashboardHttp.WriteAsync(
            context,
            new BudgetsView(
                [.. all.OrderByDescending(state => state.UsedShare).Take(Most).SelectMany(BudgetView.From)],
                all.Count > Most ? $"Of {all.Count} budgets these are the {Most} fullest." : null),
            DashboardJson.Default.BudgetsView);
    }
}
