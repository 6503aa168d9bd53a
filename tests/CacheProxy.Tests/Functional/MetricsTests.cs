using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
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

    [Theory]
    [InlineData("open", null, HttpStatusCode.OK)]
    [InlineData("admin", null, HttpStatusCode.Unauthorized)]
    [InlineData("admin", "wrong", HttpStatusCode.Unauthorized)]
    [InlineData("admin", "the-admin-key", HttpStatusCode.OK)]
    [InlineData("admin", "the-reader-key", HttpStatusCode.OK)]
    public async Task Metrics_AreForWhoeverMayReadThem(string access, string? key, HttpStatusCode expected)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new Dictionary<string, string>
        {
            ["Observability:MetricsAccess"] = access,
            ["Admin:Key"] = "the-admin-key",
            ["Admin:ReadOnlyKey"] = "the-reader-key",
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using HttpResponseMessage response = await proxy.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK, (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains("# TYPE", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("proxy.example", HttpStatusCode.Forbidden)]
    public async Task Metrics_ForAdministrationWithoutAKey_AnswerThisMachineOnly(string host, HttpStatusCode expected)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new Dictionary<string, string> { ["Observability:MetricsAccess"] = "admin" });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { Host = host } };
        using HttpResponseMessage response = await proxy.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task MetricsAccess_OfAnotherValue_StopsTheStart()
    {
        Exception fault = await Assert.ThrowsAnyAsync<Exception>(() => ProxyUnderTest.StartAsync(new Dictionary<string, string> { ["Observability:MetricsAccess"] = "closed" }));
        Assert.Contains("must be open or admin", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hits_FallIntoBucketsThatTellThemApart()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync();
        await proxy.AskAsync();
        await Wait.UntilAsync(async () => (await PageAsync(proxy)).Any(line => line.StartsWith("cacheproxy_ttft_duration_seconds_count{cacheproxy_cache_outcome=\"exact\"} 1", StringComparison.Ordinal)), "the hit is counted");
        string[] page = await PageAsync(proxy);

        // A hit from memory takes 10 to 50 us: each histogram that it is in has at least three bounds up to there.
        foreach (string name in (string[])["cacheproxy_ttft_duration_seconds_bucket{cacheproxy_cache_outcome=\"exact\"", "cacheproxy_request_duration_seconds_bucket{cacheproxy_cache_outcome=\"exact\"", "cacheproxy_lookup_duration_seconds_bucket{cacheproxy_cache_tier=\"exact\""])
        {
            double[] bounds = [.. page.Where(line => line.StartsWith(name, StringComparison.Ordinal)).Select(line => Regex.Match(line, "le=\"([^+\"]+)\"")).Where(match => match.Success)
                .Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
            Assert.True(bounds.Count(bound => bound <= 0.000_05) >= 3, name);
            // No step is so wide that a percentile within it says nothing.
            Assert.All(bounds.Zip(bounds.Skip(1)), pair => Assert.InRange(pair.Second / pair.First, 1, 5.01));
        }
    }

    private static async Task<string[]> PageAsync(ProxyUnderTest proxy)
        => (await proxy.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Split('\n');
}
