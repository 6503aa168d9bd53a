using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CacheProxy.Observability.Export;
using CacheProxy.Observability.Tracing;
using CacheProxy.Tests.Functional;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Observability;

/// <summary>What a collector gets, and what one that is not there costs.</summary>
[Collection(nameof(TracingCollection))]
public class OtlpExportTests
{
    [Fact]
    public async Task Collector_GetsTheSpansAndTheMetrics()
    {
        await using FakeCollector collector = await FakeCollector.StartAsync();
        await using (ProxyUnderTest proxy = await StartAsync(collector.Url, ("Observability:ServiceName", "shop-cache")))
        {
            await proxy.AskAsync();
            await Wait.UntilAsync(() => proxy.Flights == 0, "the flight has landed");
            await proxy.Services.GetServices<IHostedService>().OfType<TelemetryExport>().Single().StopAsync(TestContext.Current.CancellationToken);
        }

        OtlpMessage[] traces = [.. collector.Received.Where(received => received.Path == "/v1/traces").Select(received => received.Body)];
        OtlpMessage[] spans = [.. traces.SelectMany(message => message.All(1, 2, 2))];
        Assert.Contains(traces, message => message.All(1, 1).Single().Attribute(1, "service.name") == "shop-cache");
        Assert.Equal(["POST /v1/chat/completions", "lookup", "record", "upstream"], spans.Select(span => span.Text(5)).Order(StringComparer.Ordinal));
        OtlpMessage server = spans.Single(span => span.Text(5).StartsWith("POST", StringComparison.Ordinal));
        Assert.All(spans.Where(span => span != server), span => Assert.Equal(server.Bytes(2), span.Bytes(4)));
        Assert.Equal(("miss", "m", "7"), (server.Attribute(9, SpanTags.Outcome), server.Attribute(9, SpanTags.RequestModel), server.Attribute(9, SpanTags.InputTokens)));

        IEnumerable<string> metrics = collector.Received.Where(received => received.Path == "/v1/metrics").SelectMany(received => received.Body.All(1, 2, 2)).Select(metric => metric.Text(1));
        Assert.Superset(new HashSet<string> { "cacheproxy.requests", "cacheproxy.request.duration", "cacheproxy.tokens.spent", "cacheproxy.memory.entries" }, metrics.ToHashSet());
    }

    [Fact]
    public async Task SamplingRatioOfZero_TracesOnlyWhatTheClientTraces()
    {
        const string trace = "0af7651916cd43dd8448eb211c80319c";
        await using FakeCollector collector = await FakeCollector.StartAsync();
        await using (ProxyUnderTest proxy = await StartAsync(collector.Url, ("Observability:SamplingRatio", "0"), ("Observability:Metrics", "false")))
        {
            await proxy.AskAsync("one");
            await proxy.AskAsync("two", headers: (TraceHeaders.Parent, $"00-{trace}-b7ad6b7169203331-01"));
            Assert.EndsWith("-00", proxy.Upstream.Requests.First().Headers[TraceHeaders.Parent], StringComparison.Ordinal);
            await Wait.UntilAsync(() => proxy.Flights == 0, "the flights have landed");
        }

        OtlpMessage[] spans = [.. collector.Received.SelectMany(received => received.Body.All(1, 2, 2))];
        Assert.NotEmpty(spans);
        Assert.All(spans, span => Assert.Equal(trace, Convert.ToHexStringLower(span.Bytes(1))));
        Assert.DoesNotContain(collector.Received, received => received.Path != "/v1/traces");
    }

    [Fact]
    public async Task DeadCollector_CostsNothingAndIsSaidOnce()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        int port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        var log = new RecordedLog<TelemetryExport>();
        long started = Stopwatch.GetTimestamp();
        await using (ProxyUnderTest proxy = await StartAsync(
            $"http://127.0.0.1:{port}", services => services.AddSingleton<ILogger<TelemetryExport>>(log)))
        {
            for (int i = 0; i < 20; i++)
            {
                Assert.Equal(200, (await proxy.AskAsync($"question {i}")).Status);
            }

            TelemetryExport export = proxy.Services.GetServices<IHostedService>().OfType<TelemetryExport>().Single();
            await export.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Single(log.Lines, line => line.Text.Contains("does not take telemetry", StringComparison.Ordinal));
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Off_NobodyListens()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        Assert.False(ProxySpans.HasListeners);
    }

    private static Task<ProxyUnderTest> StartAsync(string url, params (string Key, string Value)[] more) => ProxyUnderTest.StartAsync(new Dictionary<string, string>(
        [new("Observability:OtlpEndpoint", url), .. more.Select(setting => KeyValuePair.Create(setting.Key, setting.Value))]));

    private static Task<ProxyUnderTest> StartAsync(string url, Action<IServiceCollection> services)
        => ProxyUnderTest.StartAsync(new Dictionary<string, string> { ["Observability:OtlpEndpoint"] = url }, services);
}
