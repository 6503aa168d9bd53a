using System.Diagnostics.Metrics;
using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Budget;
using CacheProxy.Inference.Server;
using CacheProxy.Observability;
using CacheProxy.Observability.Export;
using CacheProxy.Observability.Tracing;
using CacheProxy.Protocol.Prometheus;
using CacheProxy.Stores.Memory;
using Microsoft.Extensions.Options;

namespace CacheProxy.Pipeline;

/// <summary><c>GET /metrics</c>: what the proxy measures, and the engine where it runs in this process, for Prometheus: as text, or as OpenMetrics where it asks for that.</summary>
internal static class MetricsEndpoint
{
    public static readonly TelemetrySources Sources = new([CacheProxyMetrics.MeterName, InferenceHost.MeterName], [ProxySpans.SourceName, InferenceHost.SourceName]);

    public static PrometheusExporter CreateExporter(IServiceProvider services)
        => new(services.GetRequiredService<IMeterFactory>(), Sources.Meters, clock: services.GetRequiredService<TimeProvider>());

    public static void MapMetrics(this WebApplication app)
    {
        // Made now, not at the first request: it hears only what is measured from then on.
        PrometheusExporter exporter = app.Services.GetRequiredService<PrometheusExporter>();
        app.Services.GetRequiredService<MemoryMetrics>();
        app.Services.GetRequiredService<BudgetGauges>();
        app.Services.GetRequiredService<LedgerHealth>();
        app.Services.GetRequiredService<LookupBudgets>();
        var gate = app.Services.GetRequiredService<AdminGate>();
        var options = app.Services.GetRequiredService<IOptionsMonitor<ObservabilityOptions>>();
        app.MapGet("/metrics", (RequestDelegate)(async context =>
        {
            if (options.CurrentValue.MetricsAccess == ObservabilityOptions.AdminAccess && !gate.TryPass(context, AdminRole.Reader, out AdminPass pass))
            {
                await Refusals.WriteAsync(context, pass.Error!);
                return;
            }

            MetricsFormat format = MetricsNegotiation.FormatOf(context.Request.Headers.Accept);
            context.Response.ContentType = MetricsNegotiation.ContentTypeOf(format);
            context.Response.Headers.Vary = "Accept";
            exporter.Write(context.Response.BodyWriter, format);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }));
    }
}
