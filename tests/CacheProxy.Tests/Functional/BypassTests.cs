using CacheProxy.Protocol;

namespace CacheProxy.Tests.Functional;

public class BypassTests
{
    [Theory]
    [InlineData(",\"temperature\":1.5", "temperature")]
    [InlineData(",\"n\":2", "multiple_choices")]
    [InlineData(",\"store\":true", "server_state")]
    [InlineData(",\"previous_response_id\":\"r\"", "server_state")]
    [InlineData(",\"modalities\":[\"text\",\"audio\"]", "non_text_output")]
    [InlineData(",\"seed\":1,\"seed\":2", "unparsed")]
    [InlineData(",\"temperature\":0,\"temperature\":1", "unparsed")]
    [InlineData(",\"x\":{\"a\":1,\"a\":2}", "unparsed")]
    public async Task Request_ThatTheCacheMustNotTouch_AlwaysGoesUpstream(string extra, string detail)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Reply first = await proxy.AskAsync(extra: extra);
        Reply second = await proxy.AskAsync(extra: extra);

        Assert.Equal($"CacheProxy; fwd=bypass; detail={detail}", first.CacheStatus);
        Assert.Equal(first.CacheStatus, second.CacheStatus);
        Assert.Equal(Answers.Object("hello"), second.Text);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Theory]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"q"},{"role":"tool","tool_call_id":"t","content":"21 degrees"}]}""", "tool_results")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"what"},{"type":"image_url","image_url":{"url":"https://example.org/now.png"}}]}]}""", "non_text_content")]
    public async Task Messages_ThatTheCacheMustNotTouch_AlwaysGoUpstream(string body, string detail)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        await proxy.SendAsync(body);
        Reply reply = await proxy.SendAsync(body);

        Assert.Equal($"CacheProxy; fwd=bypass; detail={detail}", reply.CacheStatus);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Image_InTheRequestItself_IsCached()
    {
        const string body = """{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]}""";
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        await proxy.SendAsync(body);

        Assert.StartsWith("CacheProxy; hit; detail=exact", (await proxy.SendAsync(body)).CacheStatus);
    }

    [Fact]
    public async Task ToolResults_WhereAllowed_AreCached()
    {
        const string body = """{"model":"m","messages":[{"role":"user","content":"q"},{"role":"tool","tool_call_id":"t","content":"21 degrees"}]}""";
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:AllowToolResults"] = "true" });

        await proxy.SendAsync(body);

        Assert.StartsWith("CacheProxy; hit; detail=exact", (await proxy.SendAsync(body)).CacheStatus);
    }

    [Fact]
    public async Task NoCache_AsksTheUpstreamAndReplacesTheEntry()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, call) => Answers.ObjectAsync(context, $"answer {call}");

        await proxy.AskAsync();
        Reply forced = await proxy.AskAsync(headers: ("Cache-Control", "no-cache"));
        await Stores.Wait.UntilAsync(async () => (await proxy.AskAsync()).Text.Contains("answer 2"), "the new entry");

        Assert.Equal("CacheProxy; fwd=bypass; detail=no_cache_requested", forced.CacheStatus);
        Assert.Contains("answer 2", forced.Text);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task NoStore_LeavesNothingBehind()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Reply first = await proxy.AskAsync(headers: ("Cache-Control", "no-store"));
        Reply second = await proxy.AskAsync();

        Assert.Equal("CacheProxy; fwd=miss", first.CacheStatus);
        Assert.Equal("CacheProxy; fwd=miss; stored", second.CacheStatus);
    }

    [Fact]
    public async Task MaxAge_RefusesAnOlderEntry()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync();
        proxy.Clock.Advance(TimeSpan.FromSeconds(100));

        Reply young = await proxy.AskAsync(headers: ("Cache-Control", "max-age=200"));
        Reply old = await proxy.AskAsync(headers: ("Cache-Control", "max-age=99"));

        Assert.StartsWith("CacheProxy; hit", young.CacheStatus);
        Assert.Equal("CacheProxy; fwd=miss; stored", old.CacheStatus);
    }

    [Fact]
    public async Task OnlyIfCached_WithoutAnEntry_Is504AndAsksNobody()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Reply absent = await proxy.AskAsync(headers: ("Cache-Control", "only-if-cached"));
        await proxy.AskAsync();
        Reply there = await proxy.AskAsync(headers: ("Cache-Control", "only-if-cached"));

        Assert.Equal(504, absent.Status);
        Assert.Equal("not_cached", absent.ErrorCode);
        Assert.Equal("CacheProxy; detail=only_if_cached", absent.CacheStatus);
        Assert.StartsWith("CacheProxy; hit", there.CacheStatus);
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Directive_ThatClientsMayNotUse_IsIgnored()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:ClientDirectives"] = "max-age" });

        await proxy.AskAsync();
        Reply reply = await proxy.AskAsync(headers: ("Cache-Control", "no-cache"));

        Assert.StartsWith("CacheProxy; hit; detail=exact", reply.CacheStatus);
    }

    [Fact]
    public async Task Cache_SwitchedOff_ForwardsEverything()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:Enabled"] = "false" });

        await proxy.AskAsync();
        Reply reply = await proxy.AskAsync();

        Assert.Equal("CacheProxy; fwd=bypass; detail=disabled", reply.CacheStatus);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Ttl_OverTheMaximum_IsCutToIt()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:MaxTtlSeconds"] = "120" });

        await proxy.AskAsync(headers: (HeaderNames.Ttl, "99999"));

        Assert.Equal("CacheProxy; hit; detail=exact; ttl=120", (await proxy.AskAsync()).CacheStatus);
    }
}
