using CacheProxy.Inference.Engine;
using CacheProxy.Inference.Server.Models;

namespace CacheProxy.Inference.Server.Endpoints;

/// <summary>
/// <c>GET /healthz</c>: the process works; a restart would not help. <c>GET /readyz</c>: send requests here; only once every
/// model has generated something, and not while shutting down.
/// </summary>
internal sealed class HealthEndpoint(ServedModels models, Readiness readiness)
{
    public Task HealthAsync(HttpContext context)
        => AnswerAsync(context, readiness.Failure ?? FailureOfEngines());

    public Task ReadyAsync(HttpContext context)
        => AnswerAsync(context, readiness.Failure ?? FailureOfEngines() ?? (readiness.IsReady ? null : readiness.IsDraining ? "stopping" : "loading"));

    private string? FailureOfEngines()
        => models.Catalog?.Models.OfType<ChatModel>().Select(model => model.Engine.Stats).FirstOrDefault(stats => stats.State == EngineState.Unhealthy).Failure;

    private static Task AnswerAsync(HttpContext context, string? trouble)
    {
        context.Response.StatusCode = trouble is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(trouble ?? "ok", context.RequestAborted);
    }
}
