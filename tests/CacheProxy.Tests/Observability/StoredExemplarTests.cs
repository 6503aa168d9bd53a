using System.Diagnostics;
using System.Text.Json;
using CacheProxy.Tests.Functional;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Observability;

/// <summary>From a measurement that Prometheus keeps to the trace that it is of.</summary>
[Collection(nameof(TracingCollection))]
public class StoredExemplarTests
{
    [Fact]
    public async Task Prometheus_KeepsTheTraceOfAMeasurement()
    {
        Assert.SkipWhen(PrometheusServer.Program is null, "prometheus is not installed.");
        using var spans = new SpanRecorder();
        // Exemplars have the time of the proxy's clock, and Prometheus takes none that is not near its own.
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(services: services => services.AddSingleton(TimeProvider.System));
        await proxy.AskAsync();
        Activity server = (await spans.WaitAsync("POST /v1/chat/completions"))[0];
        await using PrometheusServer prometheus = await PrometheusServer.StartAsync(("proxy", proxy.Client.BaseAddress!));
        await prometheus.WaitForScrapeAsync();
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        JsonElement kept = await prometheus.GetAsync($"query_exemplars?query=cacheproxy_request_duration_seconds_bucket&start={now.AddHours(-1).ToUnixTimeSeconds()}&end={now.AddHours(1).ToUnixTimeSeconds()}");

        JsonElement exemplar = Assert.Single(kept.EnumerateArray()).GetProperty("exemplars").EnumerateArray().Single();
        Assert.Equal(server.TraceId.ToHexString(), exemplar.GetProperty("labels").GetProperty("trace_id").GetString());
    }
}
