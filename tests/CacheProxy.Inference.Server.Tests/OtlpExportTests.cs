using System.Collections.Concurrent;
using System.Text;
using CacheProxy.Inference.Server.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Inference.Server.Tests;

public class OtlpExportTests
{
    [Fact]
    public async Task Collector_GetsTheSpansAndTheMetrics()
    {
        var received = new ConcurrentQueue<(string Path, string Body)>();
        await using WebApplication collector = await StartCollectorAsync(received);
        var environment = new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.First(), ["OTEL_SERVICE_NAME"] = "gpu-1" };
        await using TestServer server = await TestServer.StartAsync();
        using (OtlpExport.Start(environment.GetValueOrDefault))
        {
            await server.AskAsync("/v1/chat/completions", """{"model":"scripted","messages":[{"role":"user","content":"hi"}]}""");
        }

        string traces = received.Single(sent => sent.Path == "/v1/traces").Body, metrics = received.Single(sent => sent.Path == "/v1/metrics").Body;
        Assert.All((string[])["gpu-1", "POST /v1/chat/completions", "llm_request", "prefill", "decode", "gen_ai.latency.e2e"], text => Assert.Contains(text, traces, StringComparison.Ordinal));
        Assert.Contains("gen_ai.server.time_to_first_token", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("OTEL_SDK_DISABLED", "true", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")]
    [InlineData("OTEL_TRACES_EXPORTER", "none", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:1")]
    public void Nobody_ThatAsksForIt_NothingIsSent(params string[] variables) => Assert.Null(OtlpExport.Start(Read(variables)));

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://collector")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]
    public void Variable_ThatCannotBeUsed_IsNamed(string variable, string value)
        => Assert.StartsWith(variable, Assert.Throws<InvalidDataException>(() => OtlpExport.Start(Read(variable, value))).Message, StringComparison.Ordinal);

    private static Func<string, string?> Read(params string[] variables)
        => variables.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]).GetValueOrDefault;

    private static async Task<WebApplication> StartCollectorAsync(ConcurrentQueue<(string Path, string Body)> received)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.Run(async context =>
        {
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            received.Enqueue((context.Request.Path.Value!, Encoding.Latin1.GetString(body.ToArray())));
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
