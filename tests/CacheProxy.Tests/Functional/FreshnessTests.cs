using CacheProxy.Protocol;

namespace CacheProxy.Tests.Functional;

/// <summary>How long an answer lives: by default, by rule, by the request's own wish, by the upstream's.</summary>
public class FreshnessTests
{
    [Theory]
    [InlineData("Model", "m", 60)]
    [InlineData("Model", "other*", 3600)]
    [InlineData("Path", "/v1/chat/*", 60)]
    [InlineData("Path", "/v1/messages", 3600)]
    [InlineData("Namespace", "faq", 60)]
    [InlineData("Tag", "news", 60)]
    [InlineData("Route", "backend", 60)]
    [InlineData("Route", "openai", 3600)]
    public async Task Rule_GivesItsTtl(string condition, string value, int ttl)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { [$"Exact:Rules:0:{condition}"] = value, ["Exact:Rules:0:TtlSeconds"] = "60" });
        (string, string)[] headers = [(HeaderNames.Namespace, "faq"), (HeaderNames.Tags, "today,news")];
        await proxy.AskAsync(headers: headers);

        Assert.Equal($"CacheProxy; hit; detail=exact; ttl={ttl}", (await proxy.AskAsync(headers: headers)).CacheStatus);
        proxy.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(ttl > 60, (await proxy.AskAsync(headers: headers)).CacheStatus!.Contains("hit"));
    }

    [Theory]
    [InlineData("30", 30)]
    [InlineData("200", 200)]
    [InlineData("5000", 300)]
    public async Task Header_IsClampedToTheRulesMaximum(string asked, int ttl)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(
            new() { ["Exact:Rules:0:Model"] = "m", ["Exact:Rules:0:TtlSeconds"] = "60", ["Exact:Rules:0:MaxTtlSeconds"] = "300" });
        await proxy.AskAsync(headers: (HeaderNames.Ttl, asked));

        Assert.Equal($"CacheProxy; hit; detail=exact; ttl={ttl}", (await proxy.AskAsync()).CacheStatus);
    }

    [Fact]
    public async Task Jitter_ShortensTheTtl_TheSameForEachHit()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:TtlSeconds"] = "1000", ["Exact:TtlJitterPercent"] = "50" });
        var ttls = new List<long>();
        for (int i = 0; i < 20; i++)
        {
            await proxy.AskAsync($"question {i}");
            string? status = (await proxy.AskAsync($"question {i}")).CacheStatus;
            Assert.Equal(status, (await proxy.AskAsync($"question {i}")).CacheStatus);
            Assert.True(CacheStatus.TryParse(status, out IReadOnlyList<CacheStatus>? members));
            ttls.Add(members[0].TtlSeconds!.Value);
        }

        Assert.All(ttls, ttl => Assert.InRange(ttl, 500, 1000));
        Assert.True(ttls.Distinct().Count() > 10);
    }

    [Fact]
    public async Task RuleOfTtlZero_LeavesTheCacheOut()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:Rules:0:Model"] = "m", ["Exact:Rules:0:TtlSeconds"] = "0" });
        await proxy.AskAsync(headers: (HeaderNames.Ttl, "600"));

        Assert.Equal("CacheProxy; fwd=bypass; detail=ttl_zero", (await proxy.AskAsync()).CacheStatus);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task TtlZero_StoresOnlyWhatAsksForIt()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:TtlSeconds"] = "0" });

        Assert.Equal("CacheProxy; fwd=miss", (await proxy.AskAsync()).CacheStatus);
        Assert.Equal("CacheProxy; fwd=miss; stored", (await proxy.AskAsync(headers: (HeaderNames.Ttl, "60"))).CacheStatus);
        Assert.Equal("CacheProxy; hit; detail=exact; ttl=60", (await proxy.AskAsync()).CacheStatus);
    }

    [Fact]
    public async Task TtlOfAllTime_IsKept()
    {
        string huge = $"{int.MaxValue}";
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(
            new() { ["Exact:TtlSeconds"] = huge, ["Exact:StaleIfErrorSeconds"] = huge, ["Exact:StaleWhileRevalidateSeconds"] = huge, ["Exact:KeepStaleSeconds"] = huge });
        await proxy.AskAsync();
        proxy.Clock.SetUtcNow(proxy.Clock.GetUtcNow().AddYears(60));

        Assert.StartsWith("CacheProxy; hit; detail=exact; ttl=", (await proxy.AskAsync()).CacheStatus);
    }

    [Fact]
    public async Task ClockSetBackALittle_GoesOnAnswering_WithAgeZero()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync();
        proxy.Clock.SetUtcNow(proxy.Clock.GetUtcNow().AddSeconds(-50));

        Reply reply = await proxy.AskAsync();

        Assert.Equal(("CacheProxy; hit; detail=exact; ttl=3600", "0"), (reply.CacheStatus, reply.Header(HeaderNames.Age)));
    }

    [Theory]
    [InlineData("false", "no-store", "CacheProxy; fwd=miss; stored", true)]
    [InlineData("true", "no-store", "CacheProxy; fwd=miss", false)]
    [InlineData("true", "private, max-age=0", "CacheProxy; fwd=miss", false)]
    [InlineData("true", "max-age=30", "CacheProxy; fwd=miss; stored", true)]
    public async Task UpstreamsCacheControl_CountsWhereTheConfigurationSaysSo(string counts, string header, string first, bool hit)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:ObeyUpstreamCacheControl"] = counts });
        proxy.Upstream.Script = (context, _) =>
        {
            context.Response.Headers.CacheControl = header;
            return Answers.ObjectAsync(context, "hello");
        };

        Assert.Equal(first, (await proxy.AskAsync()).CacheStatus);
        Reply second = await proxy.AskAsync();
        Assert.Equal(hit, second.CacheStatus!.Contains("hit"));
        Assert.True(!header.Contains("=30") || second.CacheStatus.EndsWith("ttl=30"), second.CacheStatus);
    }

    [Fact]
    public async Task UpstreamsAge_IsPartOfTheAge()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) =>
        {
            context.Response.Headers.Age = "1000";
            return Answers.ObjectAsync(context, "hello");
        };
        await proxy.AskAsync();

        Reply reply = await proxy.AskAsync();

        Assert.Equal(("CacheProxy; hit; detail=exact; ttl=2600", "1000"), (reply.CacheStatus, reply.Header(HeaderNames.Age)));
    }

    [Theory]
    [InlineData("", "CacheProxy; fwd=bypass; detail=temperature")]
    [InlineData(",\"seed\":7", "CacheProxy; hit; detail=exact; ttl=3600")]
    public async Task Seed_MakesAHighTemperatureRepeatable_WhereARuleSaysSo(string seed, string second)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:Rules:0:Model"] = "m", ["Exact:Rules:0:AllowSeeded"] = "true" });
        await proxy.AskAsync(extra: ",\"temperature\":1.5" + seed);

        Assert.Equal(second, (await proxy.AskAsync(extra: ",\"temperature\":1.5" + seed)).CacheStatus);
    }

    [Theory]
    [InlineData("chat", false)]
    [InlineData("tools", true)]
    public async Task ToolCalls_AreGivenAgain_OnlyWhereARuleAllowsThem(string tag, bool hit)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:Rules:0:Tag"] = "tools", ["Exact:Rules:0:AllowToolCalls"] = "true" });
        proxy.Upstream.Script = (context, _) =>
        {
            context.Response.ContentType = "application/json";
            return Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, ToolCall);
        };
        await proxy.AskAsync(headers: (HeaderNames.Tags, tag));

        Assert.Equal(hit, (await proxy.AskAsync(headers: (HeaderNames.Tags, tag))).CacheStatus!.Contains("hit"));
        // What one rule let in, another does not give out.
        Assert.Equal("CacheProxy; fwd=miss; stored", (await proxy.AskAsync()).CacheStatus);
    }

    [Fact]
    public async Task Wishes_OfTheClient_AreMet()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:TtlSeconds"] = "100" });
        await proxy.AskAsync();
        proxy.Clock.Advance(TimeSpan.FromSeconds(90));

        Assert.Equal("CacheProxy; hit; detail=exact; ttl=10", await AskAsync("min-fresh=10, only-if-cached"));
        Assert.Equal("CacheProxy; detail=only_if_cached", await AskAsync("min-fresh=11, only-if-cached"));
        Assert.Equal("CacheProxy; hit; detail=exact; ttl=10", await AskAsync("max-age=90, only-if-cached"));
        Assert.Equal("CacheProxy; detail=only_if_cached", await AskAsync("max-age=89, only-if-cached"));
        proxy.Clock.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal("CacheProxy; hit; detail=stale; ttl=-30", await AskAsync("max-stale=30, only-if-cached"));
        Assert.Equal("CacheProxy; hit; detail=stale; ttl=-30", await AskAsync("max-stale, only-if-cached"));
        Assert.Equal("CacheProxy; detail=only_if_cached", await AskAsync("max-stale=29, only-if-cached"));
        Assert.Equal("CacheProxy; detail=only_if_cached", await AskAsync("only-if-cached"));
        Assert.Equal("CacheProxy; detail=only_if_cached", await AskAsync("no-cache, max-stale, only-if-cached"));
        Assert.Equal(1, proxy.Upstream.Calls);

        async Task<string?> AskAsync(string wish) => (await proxy.AskAsync(headers: ("Cache-Control", wish))).CacheStatus;
    }

    private const string ToolCall = """
        {"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,
        "tool_calls":[{"id":"call_1","type":"function","function":{"name":"pay","arguments":"{\"amount\":5}"}}]}}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}
        """;
}
