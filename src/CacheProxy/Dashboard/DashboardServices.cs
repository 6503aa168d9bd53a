using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Figures;
using CacheProxy.Dashboard.Files;
using CacheProxy.Dashboard.Tail;
using CacheProxy.Ledger;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Dashboard;

/// <summary>What <c>/dashboard</c> is made of, and its paths.</summary>
public static class DashboardServices
{
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public static IServiceCollection AddDashboard(this IServiceCollection services) => services
        .AddSingleton<PageFiles>()
        .AddSingleton<PageEndpoint>()
        .AddSingleton<SessionEndpoints>()
        .AddSingleton<FiguresQueryReader>()
        .AddSingleton<LedgerFigures>()
        .AddSingleton<EntryPrompts>()
        .AddSingleton<SummaryEndpoint>()
        .AddSingleton<SeriesEndpoint>()
        .AddSingleton<GroupsEndpoint>()
        .AddSingleton<NearMissesEndpoint>()
        .AddSingleton<PrefixEndpoint>()
        .AddSingleton<TailObserver>()
        .AddSingleton<ILedgerObserver>(static provider => provider.GetRequiredService<TailObserver>())
        .AddSingleton<TailEndpoint>();

    public static void MapDashboard(this WebApplication app)
    {
        var session = app.Services.GetRequiredService<SessionEndpoints>();
        app.MapGet("/dashboard/api/session", (RequestDelegate)session.GetAsync);
        app.MapPost("/dashboard/api/session", (RequestDelegate)session.PostAsync);
        app.MapDelete("/dashboard/api/session", (RequestDelegate)session.DeleteAsync);
        app.MapFigures();

        // Never the upstream's.
        app.Map("/dashboard/api/{**path}", app.Guarded(AdminRole.Reader, static (context, _)
            => DashboardHttp.WriteAsync(context, RequestError.NotFound(context.Request.Method, context.Request.Path))));
        app.MapMethods("/dashboard/{**path}", Reading, (RequestDelegate)app.Services.GetRequiredService<PageEndpoint>().GetAsync);
        app.Map("/dashboard/{**path}", (RequestDelegate)(context
            => DashboardHttp.WriteAsync(context, RequestError.MethodNotAllowed(context.Request.Method, context.Request.Path))));
    }

    private static void MapFigures(this WebApplication app)
    {
        app.MapGet("/dashboard/api/summary", app.Guarded(AdminRole.Reader, app.Services.GetRequiredService<SummaryEndpoint>().GetAsync));
        app.MapGet("/dashboard/api/series", app.Guarded(AdminRole.Reader, app.Services.GetRequiredService<SeriesEndpoint>().GetAsync));
        app.MapGet("/dashboard/api/groups", app.Guarded(AdminRole.Reader, app.Services.GetRequiredService<GroupsEndpoint>().GetAsync));
        app.MapGet("/dashboard/api/near-misses", app.Guarded(AdminRole.Reader, app.Services.GetRequiredService<NearMissesEndpoint>().GetAsync));
        app.MapGet("/dashboard/api/prefix", app.Guarded(AdminRole.Reader, app.Services.GetRequiredService<PrefixEndpoint>().GetAsync));
        app.MapGet("/dashboard/api/tail", app.Guarded(AdminRole.Reader, app.Services.GetRequiredService<TailEndpoint>().GetAsync));
    }

    private static RequestDelegate Guarded(this WebApplication app, AdminRole needed, Func<HttpContext, AdminPass, Task> endpoint)
    {
        var gate = app.Services.GetRequiredService<AdminGate>();
        return context => gate.TryPass(context, needed, out AdminPass pass)
            ? endpoint(context, pass)
            : DashboardHttp.WriteAsync(context, pass.Error!);
    }
}
