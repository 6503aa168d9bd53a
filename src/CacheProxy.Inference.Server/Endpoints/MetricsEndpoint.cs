using CacheProxy.Protocol.Prometheus;

namespace CacheProxy.Inference.Server.Endpoints;

/// <summary><c>GET /metrics</c>: what the engine measures, for Prometheus.</summary>
internal sealed class MetricsEndpoint(PrometheusExporter exporter)
{
    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.ContentType = PrometheusExporter.ContentType;
        exporter.Write(context.Response.BodyWriter);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
