using System.Diagnostics.Metrics;
using CacheProxy.Inference.Server.Endpoints;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Inference.Server.Models;
using CacheProxy.Protocol.Prometheus;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CacheProxy.Inference.Server;

/// <summary>Puts Kestrel, the error boundary and the routes together. Only what is named here is in it: no configuration files, no signals, no host filtering.</summary>
internal static class ServerApplication
{
    /// <param name="meters">Null: a factory of the application's own.</param>
    public static WebApplication Build(
        InferenceServerOptions options, ServedModels models, Readiness readiness, ILoggerFactory loggers, TimeProvider time, IMeterFactory? meters)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, CallerLifetime>();
        builder.Services.AddMetrics();
        if (meters is not null)
        {
            builder.Services.AddSingleton(meters);
        }

        builder.Services.AddSingleton(services => new PrometheusExporter(services.GetRequiredService<IMeterFactory>(), [InferenceHost.MeterName]));
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.DrainSeconds));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, options)).UseUrls(options.Url);
        WebApplication app = builder.Build();
        var boundary = new ErrorBoundary(options.MaxBodyBytes, loggers.CreateLogger<ErrorBoundary>());
        app.Use(ServerSpan.InvokeAsync);
        app.Use(boundary.InvokeAsync);
        MapRoutes(app, models, readiness, time);
        return app;
    }

    private static void Configure(KestrelServerOptions kestrel, InferenceServerOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
    }

    private static void MapRoutes(WebApplication app, ServedModels models, Readiness readiness, TimeProvider time)
    {
        var embeddings = new EmbeddingsEndpoint(models);
        app.Lifetime.ApplicationStopped.Register(embeddings.Dispose);
        var messages = new MessagesEndpoint(models, time);
        var list = new ModelsEndpoint(models);
        var health = new HealthEndpoint(models, readiness);
        app.MapPost("/v1/chat/completions", (RequestDelegate)new ChatCompletionsEndpoint(models, time).InvokeAsync);
        app.MapPost("/v1/completions", (RequestDelegate)new CompletionsEndpoint(models, time).InvokeAsync);
        app.MapPost("/v1/responses", (RequestDelegate)new ResponsesEndpoint(models, time).InvokeAsync);
        app.MapPost("/v1/messages", (RequestDelegate)messages.InvokeAsync);
        app.MapPost("/v1/messages/count_tokens", (RequestDelegate)messages.CountAsync);
        app.MapPost("/v1/embeddings", (RequestDelegate)embeddings.InvokeAsync);
        app.MapGet("/v1/models", (RequestDelegate)list.ListAsync);
        app.MapGet("/v1/models/{**id}", (RequestDelegate)list.GetAsync);
        new CacheEndpoints(models).Map(app);
        app.MapGet("/metrics", (RequestDelegate)new MetricsEndpoint(app.Services.GetRequiredService<PrometheusExporter>()).InvokeAsync);
        app.MapGet("/healthz", (RequestDelegate)health.HealthAsync);
        app.MapGet("/readyz", (RequestDelegate)health.ReadyAsync);
    }

    /// <summary>Whoever started the host stops it: inside the proxy a second listener for Ctrl-C would race the proxy's own draining.</summary>
    private sealed class CallerLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
