using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Observability;

/// <summary>An OpenTelemetry collector as far as an exporter sees it: OTLP by HTTP and protobuf.</summary>
internal sealed class FakeCollector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeCollector(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public int Status { get; set; } = StatusCodes.Status200OK;

    public ConcurrentQueue<(string Path, string? Key, OtlpMessage Body)> Received { get; } = new();

    public static async Task<FakeCollector> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var collector = new FakeCollector(app);
        app.Run(collector.TakeAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        Assert.Equal("application/x-protobuf", context.Request.ContentType);
        Received.Enqueue((context.Request.Path, context.Request.Headers["x-collector-key"], OtlpMessage.Parse(body.ToArray())));
        context.Response.StatusCode = Status;
    }
}
