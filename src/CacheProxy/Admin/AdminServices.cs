using CacheProxy.Exchange;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Admin;

/// <summary>What <c>/admin</c> is made of, and its paths.</summary>
public static class AdminServices
{
    public static IServiceCollection AddAdmin(this IServiceCollection services) => services
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
        .AddSingleton<SemanticEndpoints>()
        .AddSingleton<TransferEndpoints>()
        .AddSingleton<SeedEndpoint>()
        .AddSingleton<WebhookEndpoint>();

    public static void MapAdmin(this WebApplication app)
    {
        var purge = app.Services.GetRequiredService<PurgeEndpoint>();
        var epochs = app.Services.GetRequiredService<EpochEndpoints>();
        var entries = app.Services.GetRequiredService<EntryEndpoints>();
        var transfer = app.Services.GetRequiredService<TransferEndpoints>();
        var seed = app.Services.GetRequiredService<SeedEndpoint>();
        app.MapPost("/admin/purge", app.Guarded(purge.PostAsync));
        app.MapGet("/admin/epochs", app.Guarded(epochs.GetAsync));
        app.MapPost("/admin/epochs/{**namespace}", app.Guarded(epochs.PostAsync));
        app.MapGet("/admin/entries", app.Guarded(entries.ListAsync));
        app.MapGet("/admin/entries/{id}", app.Guarded(entries.GetAsync));
        app.MapDelete("/admin/entries/{id}", app.Guarded(entries.DeleteAsync));
        var semantic = app.Services.GetRequiredService<SemanticEndpoints>();
        app.MapPost("/admin/entries/{id}/feedback", app.Guarded(semantic.FeedbackAsync));
        app.MapGet("/admin/semantic", app.Guarded(semantic.GetAsync));
        app.MapPost("/admin/semantic/resume", app.Guarded(semantic.ResumeAsync));
        app.MapGet("/admin/export", app.Guarded(transfer.ExportAsync));
        app.MapPost("/admin/import", app.Guarded(transfer.ImportAsync));
        app.MapPost("/admin/seed", app.Guarded(seed.PostAsync));
        app.MapPost("/admin/webhooks/purge", (RequestDelegate)app.Services.GetRequiredService<WebhookEndpoint>().PostAsync);

        // Never the upstream's: a path with a slip in it may hold what is not for others.
        app.Map("/admin/{**path}", app.Guarded(static (context, _)
            => ErrorReply.WriteAsync(context, RequestError.NotFound(context.Request.Method, context.Request.Path))));
    }

    private static RequestDelegate Guarded(this WebApplication app, Func<HttpContext, string, Task> endpoint)
    {
        var gate = app.Services.GetRequiredService<AdminGate>();
        return context => gate.TryPass(context, out string who, out RequestError? error)
            ? endpoint(context, who)
            : ErrorReply.WriteAsync(context, error!);
    }
}
