namespace CacheProxy.Pipeline;

/// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: it can serve a miss too.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz", (RequestDelegate)(context => WriteAsync(context, StatusCodes.Status200OK, "ok")));
        app.MapGet("/readyz", (RequestDelegate)(context =>
        {
            bool isReady = context.RequestServices.GetRequiredService<EmbeddedBackend>().IsReady;
            return isReady ? WriteAsync(context, StatusCodes.Status200OK, "ready") : WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "the backend is loading");
        }));
    }

    private static Task WriteAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }
}
