using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Api;
using CacheProxy.Forward.Backend;
using CacheProxy.Forward.Routes;
using CacheProxy.Forward.Upstreams;
using CacheProxy.Ledger;
using CacheProxy.Stores.Resilience;
using Microsoft.Extensions.Options;

namespace CacheProxy.Dashboard.Health;

/// <summary><c>GET /dashboard/api/health</c>: stores, models, upstreams, the backends' KV pools.</summary>
internal sealed class HealthEndpoint(
    IBackendState backend, CallMetrics calls, UpstreamDirectory upstreams, KvPools pools, StoreReports stores, ILedger ledger, IOptionsMonitor<LedgerOptions> options)
{
    public async Task GetAsync(HttpContext context, AdminPass pass)
    {
        JsonFields fields = JsonFields.From(context.Request.Query);
        if (fields.Finish() is { } error)
        {
            await DashboardHttp.WriteAsync(context, error);
            return;
        }

        // What a fault says may name hosts and paths: the operator's.
        bool isAdmin = pass.Role == AdminRole.Admin;
        await DashboardHttp.WriteAsync(
            context,
            new HealthView(
                backend.IsReady, [.. calls.Calls.OrderBy(call => call.Name, StringComparer.Ordinal).Select(call => DependencyView.From(call.Report(), isAdmin))], [.. upstreams.Table.Upstreams.Select(ToView)], stores.Read(),
                await pools.ReadAsync(upstreams.Table.Upstreams, context.RequestAborted), new LedgerHealthView(options.CurrentValue.Enabled, ledger.Merged, ledger.Lost)),
            DashboardJson.Default.HealthView);
    }

    private static UpstreamView ToView(Upstream upstream) => new(
        upstream.Name, upstream.Options.Kind.ToString().ToLowerInvariant(), WithoutCredentials(upstream.BaseUrl), UpstreamMetrics.ToTag(upstream.Client.Health.State), upstream.Client.Health.Active);

    private static string WithoutCredentials(string url)
        => Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) ? parsed.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : "";
}
