using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Functional.Upstreams;

/// <summary>The only upstream fails for a while: what clients are told meanwhile, and how soon they are answered again.</summary>
public class LoneUpstreamTests
{
    [Fact]
    public async Task Hits_AndStaleAnswers_AreServedWhileItRests()
    {
        await using ScriptedUpstream upstream = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await StartAsync(upstream, ("Exact:StaleIfErrorSeconds", "600"));
        await proxy.AskAsync("old");
        proxy.Clock.Advance(TimeSpan.FromSeconds(3590));
        await proxy.AskAsync("young");
        proxy.Clock.Advance(TimeSpan.FromSeconds(20));
        await WearOutAsync(proxy, upstream);

        Reply hit = await proxy.AskAsync("young");
        Reply stale = await proxy.AskAsync("old");
        Reply miss = await proxy.AskAsync("new");

        Assert.StartsWith("CacheProxy; hit; detail=exact", hit.CacheStatus);
        Assert.StartsWith("CacheProxy; hit; detail=stale", stale.CacheStatus);
        Assert.Equal((503, "upstream_unavailable", "1"), (miss.Status, miss.ErrorCode, miss.Header("Retry-After")));
        Assert.Equal("CacheProxy; fwd=miss", miss.CacheStatus);
    }

    [Fact]
    public async Task OneRequestASecond_SeesWhetherItIsWell_AndGetsTheUpstreamsOwnAnswer()
    {
        await using ScriptedUpstream upstream = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await StartAsync(upstream);
        await WearOutAsync(proxy, upstream);
        int before = upstream.Calls;

        proxy.Clock.Advance(TimeSpan.FromSeconds(1));
        Reply trial = await proxy.AskAsync("trial");
        Reply next = await proxy.AskAsync("next");

        Assert.Equal((503, "the upstream's own"), (trial.Status, trial.Text));
        Assert.Equal("upstream_unavailable", next.ErrorCode);
        Assert.Equal(1, upstream.Calls - before);
    }

    [Fact]
    public async Task FirstHeaderOfALongAnswer_EndsTheRestForEverybody()
    {
        await using ScriptedUpstream upstream = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await StartAsync(upstream);
        await WearOutAsync(proxy, upstream);
        var goOn = new TaskCompletionSource();
        upstream.Script = (context, _) => upstream.Requests.Last().Body.Contains("long")
            ? Answers.StreamAsync(context, ["slow"], _ => goOn.Task)
            : Answers.ObjectAsync(context, "well");
        proxy.Clock.Advance(TimeSpan.FromSeconds(1));

        using HttpResponseMessage begun = await proxy.BeginAsync(ProxyUnderTest.Question("long", stream: true));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await proxy.AskAsync($"after {i}")).Status);
        }

        goOn.SetResult();
        Assert.EndsWith(Answers.Done, await begun.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Breaker_ThatOpenedByItsRatio_IsClosedByATrialToo()
    {
        await using ScriptedUpstream upstream = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await StartAsync(upstream, ("0:RestAfterFailures", "0"));
        await WearOutAsync(proxy, upstream);
        Assert.Equal("upstream_unavailable", (await proxy.AskAsync("open")).ErrorCode);
        upstream.Script = (context, _) => Answers.ObjectAsync(context, "well");

        proxy.Clock.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await proxy.AskAsync($"after {i}")).Status);
        }
    }

    [Fact]
    public async Task Tries_OfOneRequest_CountOnce()
    {
        await using ScriptedUpstream upstream = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await StartAsync(upstream, ("0:Retries", "2"), ("0:RetryDelayMilliseconds", "1"));
        upstream.Script = FailAsync;
        using var calm = new CancellationTokenSource();

        for (int i = 0; i < 4; i++)
        {
            Task<Reply> asked = proxy.AskAsync($"question {i}");
            await Wait.UntilAsync(
                () =>
                {
                    proxy.Clock.Advance(TimeSpan.FromMilliseconds(20));
                    return asked.IsCompleted;
                },
                "the last try");
            Assert.Equal("the upstream's own", (await asked).Text);
        }

        Assert.Equal(12, upstream.Calls);
    }

    private static async Task WearOutAsync(ProxyUnderTest proxy, ScriptedUpstream upstream)
    {
        upstream.Script = FailAsync;
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("the upstream's own", (await proxy.AskAsync($"failing {i}")).Text);
        }
    }

    private static Task FailAsync(HttpContext context, int call)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync("the upstream's own");
    }

    private static Task<ProxyUnderTest> StartAsync(ScriptedUpstream upstream, params (string Key, string Value)[] settings)
        => ProxyUnderTest.StartAsync(Setup.For([("only", upstream.Url)], settings));
}
