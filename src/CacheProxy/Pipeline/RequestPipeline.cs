using CacheProxy.Admin;
using CacheProxy.Budget;
using CacheProxy.Dashboard;
using CacheProxy.Embeddings;
using CacheProxy.Entry;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Fingerprint;
using CacheProxy.Flight;
using CacheProxy.Forward;
using CacheProxy.Forward.Routes;
using CacheProxy.PrefixTag;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Record;
using CacheProxy.SemanticCache;

namespace CacheProxy.Pipeline;

/// <summary>
/// The way of a request, and the place to start reading.
/// <code>
///  client ──►  0 RequestBoundary   faults end here, every request is counted
///              1 Entry             body under the cap, scope, wishes        ──► 400 413 415
///              2 Fingerprint       identity, facts, what may be cached      ──► 400 404
///              3 ExactCache        same request answered before             ──► hit; detail=exact | stale
///                Budget            is there anything left to spend?
///              4 Flight            same request under way                   ──► fwd=miss; collapsed
///              ·····················  from here on apart from the client, once for all who wait
///              5 SemanticCache     same question in other words             ──► hit; detail=semantic
///              6 PrefixTag         id of the prompt's reusable part
///                Spend             set aside what it may cost, count it     ──► 429
///              7 Record            a complete answer becomes an entry
///              8 Forward           YARP to the upstream                     ──► fwd=miss | fwd=bypass
/// </code>
/// Embeddings go from 1 through their own step, which does 2 to 7 for each of their inputs, to 8.
/// Everything that is no cached call goes past it to the upstream untouched.
/// </summary>
public static class RequestPipeline
{
    public static WebApplication UseCacheProxy(this WebApplication app)
    {
        // In front of routing: a hit does not pay for finding an endpoint.
        app.UseMiddleware<RequestBoundary>();
        app.UseMiddleware<DeploymentPathMiddleware>();
        app.MapWhen(IsCached, stages => stages
            .UseMiddleware<EntryMiddleware>()
            .UseMiddleware<FingerprintMiddleware>()
            .UseMiddleware<ExactCacheMiddleware>()
            .UseMiddleware<BudgetMiddleware>()
            .UseMiddleware<FlightMiddleware>()
            .UseMiddleware<SemanticCacheMiddleware>()
            .UseMiddleware<PrefixTagMiddleware>()
            .UseMiddleware<SpendMiddleware>()
            .UseMiddleware<RecordMiddleware>()
            .UseMiddleware<ForwardMiddleware>());
        app.MapWhen(IsEmbeddings, stages => stages
            .UseMiddleware<EntryMiddleware>()
            .UseMiddleware<EmbeddingsMiddleware>()
            .UseMiddleware<SpendMiddleware>()
            .UseMiddleware<ForwardMiddleware>());
        app.UseRouting();
        app.MapHealth();
        app.MapMetrics();
        app.MapAdmin();
        app.MapDashboard();
        // What the backend tells its operator is not for the clients of the proxy: it speaks of all tenants.
        app.Map("/v1/cache/{**path}", (RequestDelegate)(context => ErrorReply.WriteAsync(context, RequestError.NotFound(context.Request.Method, context.Request.Path))));
        ModelCatalog models = app.Services.GetRequiredService<ModelCatalog>();
        app.MapGet("/v1/models", (RequestDelegate)models.ListAsync);
        app.MapGet("/v1/models/{**id}", (RequestDelegate)models.GetAsync);
        app.MapFallback("{**path}", (RequestDelegate)app.Services.GetRequiredService<PassThrough>().InvokeAsync);
        return app;
    }

    private static bool IsCached(HttpContext context)
        => HttpMethods.IsPost(context.Request.Method) && DialectPaths.TryFind(context.Request.Path, out Dialect dialect) && Fingerprinter.Reads(dialect);

    private static bool IsEmbeddings(HttpContext context)
        => HttpMethods.IsPost(context.Request.Method) && DialectPaths.TryFind(context.Request.Path, out Dialect dialect) && dialect == Dialect.OpenAIEmbeddings;
}
