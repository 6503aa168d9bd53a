using CacheProxy.Forward.Routes;
using CacheProxy.Forward.Upstreams;

namespace CacheProxy.Pipeline;

/// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: it can serve a miss too; with <c>?verbose</c> it says how each upstream is.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz", (RequestDelegate)(context => WriteAsync(context, StatusCodes.Status200OK, "ok")));
        app.MapGet("/readyz", (RequestDelegate)(context =>
        {
            IServiceProvider services = context.RequestServices;
            bool isReady = services.GetRequiredService<EmbeddedBackend>().IsReady;
            string text = isReady ? "ready" : "the backend is loading";
            if (context.Request.Query.ContainsKey("verbose"))
            {
                text = string.Join('\n', [text, .. services.GetRequiredService<UpstreamDirectory>().States.Select(upstream => $"upstream {upstream.Name}: {UpstreamMetrics.ToTag(upstream.State)}")]);
            }

            // Upstreams that fail take nothing from hits, so they do not take the proxy out of service.
            return WriteAsync(context, isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, text);
        }));
    }

    private static Task WriteAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }
}
