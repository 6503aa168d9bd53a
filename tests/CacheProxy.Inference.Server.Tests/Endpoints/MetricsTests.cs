using CacheProxy.Inference.Server.Tests.Support;
using CacheProxy.Protocol.Prometheus;

namespace CacheProxy.Inference.Server.Tests.Endpoints;

public sealed class MetricsTests
{
    private const string Hi = "{\"model\":\"scripted\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_AfterAnAnswer_HasEveryMetricOfTheEngine()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.AskAsync("/v1/chat/completions", Hi);
        string text = await server.Client.GetStringAsync("/metrics", Cancellation);
        Assert.Equal(
            [
                "cacheproxy_engine_accepted_tokens_total counter",
                "cacheproxy_engine_blocks gauge",
                "cacheproxy_engine_cached_tokens_total counter",
                "cacheproxy_engine_computed_tokens_total counter",
                "cacheproxy_engine_drafted_tokens_total counter",
                "cacheproxy_engine_evicted_blocks_total counter",
                "cacheproxy_engine_generated_tokens_total counter",
                "cacheproxy_engine_prefill_duration_seconds histogram",
                "cacheproxy_engine_prefill_wait_seconds histogram",
                "cacheproxy_engine_prompt_tokens_total counter",
                "cacheproxy_engine_queue_duration_seconds histogram",
                "cacheproxy_engine_sequences_running gauge",
                "cacheproxy_engine_sequences_waiting gauge",
                "cacheproxy_engine_steps_total counter",
                "cacheproxy_engine_tier_blocks gauge",
                "cacheproxy_engine_tier_damaged_blocks_total counter",
                "cacheproxy_engine_tier_dropped_blocks_total counter",
                "cacheproxy_engine_tier_hit_tokens_total counter",
                "gen_ai_server_request_duration_seconds histogram",
                "gen_ai_server_time_per_output_token_seconds histogram",
                "gen_ai_server_time_to_first_token_seconds histogram",
            ],
            text.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line["# TYPE ".Length..]));
    }

    [Fact]
    public async Task Get_IdleEngine_TheBlocksAddUpToThePool()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.AskAsync("/v1/chat/completions", Hi);
        string text = await UntilAsync(server, "cacheproxy_engine_sequences_running{gen_ai_request_model=\"scripted\"} 0");
        double sum = new[] { "free", "cached", "leased" }.Sum(state =>
            ValueOf(text, $"cacheproxy_engine_blocks{{cacheproxy_engine_block_state=\"{state}\",gen_ai_request_model=\"scripted\"}}"));
        Assert.Equal(server.Model.Runner.BlockCount, sum);
        Assert.True(ValueOf(text, "cacheproxy_engine_steps_total{gen_ai_request_model=\"scripted\"}") > 1);
    }

    [Fact]
    public async Task Get_TwoServersInOneProcess_AreApart()
    {
        await using TestServer busy = await TestServer.StartAsync();
        await using TestServer idle = await TestServer.StartAsync();
        const string count = "gen_ai_server_request_duration_seconds_count{gen_ai_request_model=\"scripted\",gen_ai_response_finish_reason=\"stop\"}";
        await busy.AskAsync("/v1/chat/completions", Hi);
        await busy.AskAsync("/v1/chat/completions", Hi);
        Assert.Equal(2, ValueOf(await busy.Client.GetStringAsync("/metrics", Cancellation), count));
        Assert.DoesNotContain(count, await idle.Client.GetStringAsync("/metrics", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_WhileLoading_IsAnEmptyPage()
    {
        var gate = new TaskCompletionSource();
        await using TestServer server = await TestServer.StartAsync(beforeLoad: _ => gate.Task, waitReady: false);
        using HttpResponseMessage response = await server.Client.GetAsync("/metrics", Cancellation);
        Assert.Equal(MetricsNegotiation.TextType, response.Content.Headers.ContentType?.ToString());
        Assert.Equal("", await response.Content.ReadAsStringAsync(Cancellation));
        gate.SetResult();
        await server.Host.Ready;
    }

    private static double ValueOf(string text, string series)
    {
        string line = Assert.Single(text.Split('\n'), line => line.StartsWith(series + " ", StringComparison.Ordinal));
        return double.Parse(line[(series.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    // The terminal event leaves before the engine has put its sequence away.
    private static async Task<string> UntilAsync(TestServer server, string line)
    {
        while (true)
        {
            string text = await server.Client.GetStringAsync("/metrics", Cancellation);
            if (text.Split('\n').Contains(line))
            {
                return text;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);
        }
    }
}
