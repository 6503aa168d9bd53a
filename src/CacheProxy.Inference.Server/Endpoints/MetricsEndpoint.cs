using CacheProxy.Protocol.Prometheus;

namespace CacheProxy.Inference.Server.Endpoints;

/// <summary><c>GET /metrics</c>: what the engine measures, for Prometheus.</summary>
internal sealed class MetricsEndpoint(PrometheusExporter exporter)
{
    public async Task InvokeAsync(HttpContext context)
    {
        MetricsFormat format = MetricsNegotiation.FormatOf(context.Request.Headers.Accept);
        context.Response.ContentType = MetricsNegotiation.ContentTypeOf(format);
        exporter.Write(context.Response.BodyWriter, format);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
