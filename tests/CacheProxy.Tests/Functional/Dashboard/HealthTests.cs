using System.Text.Json;
using CacheProxy.Tests.Functional.Shared;
using Microsoft.AspNetCore.Http;
using static CacheProxy.Tests.Functional.Dashboard.DashboardCall;

namespace CacheProxy.Tests.Functional.Dashboard;

/// <summary>What the health page says of what is there, and of what is not.</summary>
public class HealthTests
{
    private const string Stats = """
        {"model":"smol","pool":{"block_tokens":16,"block_bytes":1024,"free_blocks":700,"cached_blocks":200,"leased_blocks":100,"pinned_blocks":8,"pins":1,"salts":2},
         "ram":{"blocks":5,"bytes":5120,"hit_tokens":32},"disk":{"blocks":0,"bytes":0,"hit_tokens":0},
         "totals":{"queried_tokens":1000,"hit_tokens":250,"evicted_blocks":3,"spilled_blocks":5,"dropped_blocks":0,"damaged_blocks":0,"declined_loads":0,"remembered_blocks":1}}
        """;

    [Fact]
    public async Task Health_OfAProxyThatWorks_SaysSo()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) => context.Request.Path == "/v1/cache/stats" ? AnswerAsync(context, Stats) : Answers.ObjectAsync(context, "hello");
        await proxy.AskAsync();

        JsonElement health = (await proxy.ApiAsync("/health")).Json;

        Assert.True(health.GetProperty("is_ready").GetBoolean());
        JsonElement sqlite = Dependency(health, "sqlite");
        Assert.Equal((true, "closed", 0), (sqlite.GetProperty("is_healthy").GetBoolean(), sqlite.GetProperty("state").GetString(), sqlite.GetProperty("failed").GetInt32()));
        JsonElement pool = Assert.Single(health.GetProperty("kv_pools").EnumerateArray());
        Assert.Equal(("smol", 700, 200, 100), (pool.GetProperty("model").GetString(), pool.GetProperty("free_blocks").GetInt32(), pool.GetProperty("cached_blocks").GetInt32(), pool.GetProperty("leased_blocks").GetInt32()));
        Assert.Equal(0.25, pool.GetProperty("hit_rate").GetDouble());
        Assert.Equal("up", Assert.Single(health.GetProperty("upstreams").EnumerateArray()).GetProperty("state").GetString());
        Assert.Equal(["memory", "sqlite"], health.GetProperty("stores").EnumerateArray().Select(store => store.GetProperty("name").GetString()!));
        Assert.True(health.GetProperty("ledger").GetProperty("is_enabled").GetBoolean());
    }

    [Theory]
    [InlineData(404)]
    [InlineData(500)]
    public async Task KvPool_OfABackendThatDoesNotSay_IsNoFault(int status)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        };

        Reply reply = await proxy.ApiAsync("/health");

        Assert.Equal(200, reply.Status);
        Assert.Equal(status == 404 ? 0 : 1, reply.Json.GetProperty("kv_pools").GetArrayLength());
    }

    [Fact]
    public async Task KvPool_OfABackendThatTalksNonsense_IsNoFault()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) => AnswerAsync(context, """{"pool":7}""");

        JsonElement pool = Assert.Single((await proxy.ApiAsync("/health")).Json.GetProperty("kv_pools").EnumerateArray());

        Assert.NotNull(pool.GetProperty("error").GetString());
    }

    [Fact]
    public async Task Redis_ThatIsGone_ShowsItsBreakerOpen()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(1);
        await fleet[0].AskAsync();
        Assert.Equal("closed", Dependency((await fleet[0].ApiAsync("/health")).Json, "redis").GetProperty("state").GetString());

        await fleet.Redis.KillAsync();

        await Stores.Wait.UntilAsync(
            async () =>
            {
                await fleet[0].AskAsync(Guid.NewGuid().ToString("N"));
                return Dependency((await fleet[0].ApiAsync("/health")).Json, "redis").GetProperty("state").GetString() != "closed";
            },
            "the breaker opens");
        JsonElement redis = Dependency((await fleet[0].ApiAsync("/health")).Json, "redis");
        Assert.False(redis.GetProperty("is_healthy").GetBoolean());
        Assert.NotNull(redis.GetProperty("last_fault").GetString());
        Assert.Equal(200, (await fleet[0].AskAsync()).Status);
    }

    [Fact]
    public async Task Faults_AreNotForReaders()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Keys);

        JsonElement health = (await proxy.ApiAsync("/health", AsReader)).Json;

        Assert.All(health.GetProperty("dependencies").EnumerateArray(), one => Assert.Equal(JsonValueKind.Null, one.GetProperty("last_fault").ValueKind));
    }

    private static JsonElement Dependency(JsonElement health, string name)
        => health.GetProperty("dependencies").EnumerateArray().Single(one => one.GetProperty("name").GetString() == name);

    private static Task AnswerAsync(HttpContext context, string json)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json, context.RequestAborted);
    }
}
