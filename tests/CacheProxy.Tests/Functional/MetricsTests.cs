using System.Net;
using CacheProxy.Protocol.Prometheus;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Functional;

public class MetricsTests
{
    [Fact]
    public async Task Metrics_AfterAMissAndAHit_CountBothOnce()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync();
        await proxy.AskAsync();

        // A request is counted when its answer has left.
        string[] page = [];
        await Wait.UntilAsync(
            async () => (page = await PageAsync(proxy)).Count(line => line.StartsWith("cacheproxy_requests_total{", StringComparison.Ordinal)) == 2, "two counts");

        Assert.Contains("# TYPE cacheproxy_requests_total counter", page);
        Assert.Contains("cacheproxy_requests_total{cacheproxy_cache_outcome=\"miss\",cacheproxy_cache_tier=\"none\",gen_ai_request_model=\"m\"} 1", page);
        Assert.Contains("cacheproxy_requests_total{cacheproxy_cache_outcome=\"exact\",cacheproxy_cache_tier=\"exact\",gen_ai_request_model=\"m\"} 1", page);
        Assert.Contains("# TYPE cacheproxy_lookup_duration_seconds histogram", page);
        Assert.Contains("cacheproxy_lookup_duration_seconds_count{cacheproxy_cache_tier=\"exact\"} 2", page);
    }

    [Fact]
    public async Task Metrics_FirstByte_IsTheTimeUntilTheAnswerBegan()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) =>
        {
            proxy.Clock.Advance(TimeSpan.FromSeconds(2));
            return Answers.ObjectAsync(context, "hello");
        };
        await proxy.AskAsync();
        await proxy.AskAsync();

        string[] page = [];
        await Wait.UntilAsync(
            async () => (page = await PageAsync(proxy)).Count(line => line.StartsWith("cacheproxy_ttft_duration_seconds_sum{", StringComparison.Ordinal)) == 2, "two sums");

        Assert.Contains("# TYPE cacheproxy_ttft_duration_seconds histogram", page);
        Assert.Contains("cacheproxy_ttft_duration_seconds_sum{cacheproxy_cache_outcome=\"miss\"} 2", page);
        Assert.Contains("cacheproxy_ttft_duration_seconds_sum{cacheproxy_cache_outcome=\"exact\"} 0", page);
    }

    [Fact]
    public async Task Metrics_BeforeAnyTraffic_AreAnswered_NotForwarded()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        using HttpResponseMessage response = await proxy.Client.GetAsync("/metrics", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(MetricsNegotiation.TextType, response.Content.Headers.ContentType?.ToString());
        Assert.Equal(0, proxy.Upstream.Calls);
    }

    private static async Task<string[]> PageAsync(ProxyUnderTest proxy)
        => (await proxy.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Split('\n');
}
