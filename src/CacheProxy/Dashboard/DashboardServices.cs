using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Figures;
using CacheProxy.Dashboard.Files;
using CacheProxy.Dashboard.Health;
using CacheProxy.Dashboard.Tail;
using CacheProxy.Dashboard.Thresholds;
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
        .AddSingleton<ChoicesEndpoint>()
        .AddSingleton<PrefixEndpoint>()
        .AddSingleton<KnownPairs>()
        .AddSingleton<EntryListEndpoint>()
        .AddSingleton<EntryContentEndpoint>()
        .AddSingleton<SettingsVersion>()
        .AddSingleton<ThresholdsEndpoint>()
        .AddSingleton<ApplyEndpoint>()
        .AddSingleton<KvPools>()
        .AddSingleton<StoreReports>()
        .AddSingleton<HealthEndpoint>()
        .AddSingleton<BudgetsEndpoint>()
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
        app.MapEntries();
        app.MapGet("/dashboard/api/thresholds", app.Guarded(AdminRole.Reader, app.Services.GetRequiredService<ThresholdsEndpoint>().GetAsync));
        app.MapPost("/dashboard/api/thresholds/apply", app.Guarded(AdminRole.Admin, app.Services.GetRequiredService<ApplyEndpoint>().PostAsync));
        app.MapGet("/dashboard/api/health", app.Guarded(AdminRole.Reader, app.Services.GetRequiredService<HealthEndpoint>().GetAsync));

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
        app.MapGet("/dashboard/api/choices", app.Guarded(AdminRole.Reader, app.Services.GetRequiredService<ChoicesEndpoint>().GetAsync));
        app.MapGet("/dashboard/api/near-misses", app.Guarded(AdminRole.Reader, app.Services.GetRequiredService<NearMissesEndpoint>().GetAsync));
        app.MapGet("/dashboard/api/prefix", app.Guarded(AdminRole.Reader, app.Services.GetRequiredService<PrefixEndpoint>().GetAsync));
        app.MapGet("/dashboard/api/budgets", app.Guarded(AdminRole.Reader, app.Services.GetRequiredService<BudgetsEndpoint>().GetAsync));
        app.MapGet("/dashboard/api/tail", app.Guarded(AdminRole.Reader, app.Services.GetRequiredService<TailEndpoint>().GetAsync));
    }

    // What administration has already, under the dashboard's own sign-in.
    private static void MapEntries(this WebApplication app)
    {
        var entries = app.Services.GetRequiredService<EntryEndpoints>();
        var tags = app.Services.GetRequiredService<TagEndpoint>();
        var semantic = app.Services.GetRequiredService<SemanticEndpoints>();
        app.MapGet("/dashboard/api/entries", app.Guarded(AdminRole.Reader, app.Services.GetRequiredService<EntryListEndpoint>().GetAsync));
        app.MapGet("/dashboard/api/entries/{id}", app.Guarded(AdminRole.Reader, app.Services.GetRequiredService<EntryContentEndpoint>().GetAsync));
        app.MapDelete("/dashboard/api/entries/{id}", app.Guarded(AdminRole.Admin, (context, pass) => entries.DeleteAsync(context, pass.Who)));
        app.MapPut("/dashboard/api/entries/{id}/tags", app.Guarded(AdminRole.Admin, (context, pass) => tags.PutAsync(context, pass.Who)));
        app.MapPost("/dashboard/api/entries/{id}/feedback", app.Guarded(AdminRole.Admin, (context, pass) => semantic.FeedbackAsync(context, pass.Who)));
        app.MapGet("/dashboard/api/semantic", app.Guarded(AdminRole.Reader, (context, pass) => semantic.GetAsync(context, pass.Who)));
        app.MapPost("/dashboard/api/semantic/resume", app.Guarded(AdminRole.Admin, (context, pass) => semantic.ResumeAsync(context, pass.Who)));
    }

    private static RequestDelegate Guarded(this WebApplication app, AdminRole needed, Func<HttpContext, AdminPass, Task> endpoint)
    {
        var gate = app.Services.GetRequiredService<AdminGate>();
        return context => gate.TryPass(context, needed, out AdminPass pass)
            ? endpoint(context, pass)
            : DashboardHttp.WriteAsync(context, pass.Error!);
    }
}
