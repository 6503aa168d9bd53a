using System.Diagnostics.Metrics;
using CacheProxy.Inference.Server;
using CacheProxy.Observability;
using CacheProxy.Protocol.Prometheus;

namespace CacheProxy.Pipeline;

/// <summary><c>GET /metrics</c>: what the proxy measures, and the engine where it runs in this process, for Prometheus.</summary>
internal static class MetricsEndpoint
{
    public static PrometheusExporter CreateExporter(IServiceProvider services)
        => new(services.GetRequiredService<IMeterFactory>(), [CacheProxyMetrics.MeterName, InferenceHost.MeterName]);

    public static void MapMetrics(this WebApplication app)
    {
        // Made now, not at the first request: it hears only what is measured from then on.
        PrometheusExporter exporter = app.Services.GetRequiredService<PrometheusExporter>();
        app.MapGet("/metrics", (RequestDelegate)(async context =>
        {
            context.Response.ContentType = PrometheusExporter.ContentType;
            exporter.Write(context.Response.BodyWriter);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }));
    }
}
