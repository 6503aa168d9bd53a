using CacheProxy.Admin.Access;
using CacheProxy.Budget;
using CacheProxy.Exchange;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Admin;

/// <summary>What <c>/admin</c> is made of, and its paths.</summary>
public static class AdminServices
{
    public static IServiceCollection AddAdmin(this IServiceCollection services) => services
        .AddSingleton<SessionTickets>()
        .AddSingleton<KeyAttempts>()
        .AddSingleton<AdminGate>()
        .AddSingleton<AuditLog>()
        .AddSingleton<SelectorReader>()
        .AddSingleton<PurgeActions>()
        .AddSingleton<EntryBook>()
        .AddSingleton<EntryImporter>()
        .AddSingleton<Seeder>()
        .AddSingleton<PurgeEndpoint>()
        .AddSingleton<EpochEndpoints>()
        .AddSingleton<EntryEndpoints>()
        .AddSingleton<TagEndpoint>()
        .AddSingleton<SemanticEndpoints>()
        .AddSingleton<TransferEndpoints>()
        .AddSingleton<SeedEndpoint>()
        .AddSingleton<TenantEndpoints>()
        .AddSingleton<IBudgetObserver, BudgetAudit>()
        .AddSingleton<WebhookEndpoint>();

    public static void MapAdmin(this WebApplication app)
    {
        var purge = app.Services.GetRequiredService<PurgeEndpoint>();
        var epochs = app.Services.GetRequiredService<EpochEndpoints>();
        var entries = app.Services.GetRequiredService<EntryEndpoints>();
        var transfer = app.Services.GetRequiredService<TransferEndpoints>();
        var seed = app.Services.GetRequiredService<SeedEndpoint>();
        app.MapPost("/admin/purge", app.Guarded(AdminRole.Admin, purge.PostAsync));
        app.MapGet("/admin/epochs", app.Guarded(AdminRole.Reader, epochs.GetAsync));
        app.MapPost("/admin/epochs/{**namespace}", app.Guarded(AdminRole.Admin, epochs.PostAsync));
        app.MapGet("/admin/entries", app.Guarded(AdminRole.Reader, entries.ListAsync));
        app.MapGet("/admin/entries/{id}", app.Guarded(AdminRole.Reader, entries.GetAsync));
        app.MapDelete("/admin/entries/{id}", app.Guarded(AdminRole.Admin, entries.DeleteAsync));
        app.MapPut("/admin/entries/{id}/tags", app.Guarded(AdminRole.Admin, app.Services.GetRequiredService<TagEndpoint>().PutAsync));
        var semantic = app.Services.GetRequiredService<SemanticEndpoints>();
        app.MapPost("/admin/entries/{id}/feedback", app.Guarded(AdminRole.Admin, semantic.FeedbackAsync));
        app.MapGet("/admin/semantic", app.Guarded(AdminRole.Reader, semantic.GetAsync));
        app.MapPost("/admin/semantic/resume", app.Guarded(AdminRole.Admin, semantic.ResumeAsync));
        app.MapGet("/admin/export", app.Guarded(AdminRole.Admin, transfer.ExportAsync));
        app.MapPost("/admin/import", app.Guarded(AdminRole.Admin, transfer.ImportAsync));
        app.MapPost("/admin/seed", app.Guarded(AdminRole.Admin, seed.PostAsync));
        var tenants = app.Services.GetRequiredService<TenantEndpoints>();
        app.MapGet("/admin/tenants", app.Guarded(AdminRole.Reader, tenants.GetAsync));
        app.MapPost("/admin/tenants/id", app.Guarded(AdminRole.Admin, tenants.IdAsync));
        app.MapPost("/admin/webhooks/purge", (RequestDelegate)app.Services.GetRequiredService<WebhookEndpoint>().PostAsync);

        // Never the upstream's: a path with a slip in it may hold what is not for others.
        app.Map("/admin/{**path}", app.Guarded(AdminRole.Reader, static (context, _)
            => ErrorReply.WriteAsync(context, RequestError.NotFound(context.Request.Method, context.Request.Path))));
    }

    /// <param name="needed">Who may call it.</param>
    /// <param name="endpoint">Told who did, for the audit.</param>
    private static RequestDelegate Guarded(this WebApplication app, AdminRole needed, Func<HttpContext, string, Task> endpoint)
    {
        var gate = app.Services.GetRequiredService<AdminGate>();
        return context => gate.TryPass(context, needed, out AdminPass pass)
            ? endpoint(context, pass.Who)
            : Refusals.WriteAsync(context, pass.Error!);
    }
}
