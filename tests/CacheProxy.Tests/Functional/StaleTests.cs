using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Protocol;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Functional;

/// <summary>Stale answers: given while they are refreshed, and in place of a failing upstream's (RFC 5861).</summary>
public class StaleTests
{
    private static Dictionary<string, string> Settings(params (string Key, string Value)[] more) => new(
        [new("Exact:TtlSeconds", "60"), new("Flight:FailureHoldMilliseconds", "0"), .. more.Select(m => KeyValuePair.Create(m.Key, m.Value))]);

    [Theory]
    [InlineData(429, false)]
    [InlineData(500, false)]
    [InlineData(504, false)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    public async Task FailingUpstream_IsReplacedByTheStaleAnswer(int status, bool stream)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Settings(("Exact:StaleIfErrorSeconds", "600")));
        await RecordAsync(proxy, stream);
        await StaleAsync(proxy, context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });

        Reply reply = await proxy.AskAsync(stream: stream);

        Assert.Equal((200, "CacheProxy; hit; detail=stale; ttl=-30"), (reply.Status, reply.CacheStatus));
        Assert.Contains("hello", reply.Text);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task Refusal_IsTheAnswer(int status)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Settings(("Exact:StaleIfErrorSeconds", "600")));
        await proxy.AskAsync();
        await StaleAsync(proxy, context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });

        Assert.Equal(status, (await proxy.AskAsync()).Status);
    }

    [Fact]
    public async Task Stream_ThatBreaksBeforeItsFirstByte_IsReplacedByTheStaleAnswer()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Settings(("Exact:StaleIfErrorSeconds", "600")));
        await RecordAsync(proxy, stream: true);
        await StaleAsync(proxy, async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            context.Abort();
        });

        Reply reply = await AskPatientlyAsync(proxy, stream: true);

        Assert.StartsWith("CacheProxy; hit; detail=stale", reply.CacheStatus);
        Assert.EndsWith(Answers.Done, reply.Text);
    }

    [Fact]
    public async Task Stream_ThatBegins_IsNotHeldBackForTheStaleAnswersSake()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Settings(("Exact:StaleIfErrorSeconds", "600")));
        await proxy.AskAsync(stream: true);
        var goOn = new TaskCompletionSource();
        await StaleAsync(proxy, context => Answers.StreamAsync(context, ["first ", "second"], i => i == 0 ? Task.CompletedTask : goOn.Task));

        using HttpResponseMessage response = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true));
        await using Stream body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        byte[] buffer = new byte[4096];
        int read = await body.ReadAsync(buffer, TestContext.Current.CancellationToken);

        Assert.Contains("first", System.Text.Encoding.UTF8.GetString(buffer, 0, read));
        goOn.SetResult();
    }

    [Fact]
    public async Task UpstreamThatCannotBeReached_AndThenRests_IsReplacedByTheStaleAnswer()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Settings(("Exact:StaleIfErrorSeconds", "600")));
        await proxy.AskAsync();
        await StaleAsync(proxy, context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        for (int i = 0; i < 4; i++)
        {
            Assert.StartsWith("CacheProxy; hit; detail=stale", (await AskPatientlyAsync(proxy)).CacheStatus);
        }
    }

    [Theory]
    [InlineData("stale-if-error=10", 500)]
    [InlineData("stale-if-error=30", 200)]
    [InlineData("no-store", 200)]
    [InlineData("no-cache", 500)]
    public async Task Client_SaysForHowLong(string wish, int status)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Settings(("Exact:StaleIfErrorSeconds", "600")));
        await proxy.AskAsync();
        await StaleAsync(proxy, context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });

        Assert.Equal(status, (await proxy.AskAsync(headers: ("Cache-Control", wish))).Status);
    }

    [Fact]
    public async Task Refresh_ThatFails_IsNotTriedAgainAtOnce_AndLeavesTheOldAnswer()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Settings(("Exact:StaleWhileRevalidateSeconds", "6000"), ("Exact:RefreshBackoffSeconds", "10")));
        await proxy.AskAsync();
        await StaleAsync(proxy, context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });

        // The first at once, the next after 10 s, 20 s, 40 s.
        int[] calls = [2, 2, 3, 3, 4];
        int[] waits = [0, 9, 1, 19, 1];
        for (int i = 0; i < calls.Length; i++)
        {
            proxy.Clock.Advance(TimeSpan.FromSeconds(waits[i]));
            for (int j = 0; j < 3; j++)
            {
                Assert.StartsWith("CacheProxy; hit; detail=stale", (await proxy.AskAsync()).CacheStatus);
            }

            await Wait.UntilAsync(() => proxy.Upstream.Calls == calls[i] && proxy.Flights == 0, $"call {calls[i]}");
            // The end of a flight is noted a moment after it has left the table.
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Refresh_OfBothForms_IsOne_WithTheAskersCredentialsAndTheOldTags()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Settings(("Exact:StaleWhileRevalidateSeconds", "600")));
        (string, string) key = ("Authorization", "Bearer mine");
        await proxy.AskAsync(headers: [key, (HeaderNames.Tags, "a,b"), (HeaderNames.Ttl, "50")]);
        var goOn = new TaskCompletionSource();
        await StaleAsync(proxy, async context =>
        {
            await goOn.Task;
            await Answers.ObjectAsync(context, "new");
        });

        await proxy.AskAsync(headers: key);
        await proxy.AskAsync(stream: true, headers: key);
        await proxy.AskAsync(headers: key);
        goOn.SetResult();
        string? status = null;
        await Wait.UntilAsync(async () => (status = (await proxy.AskAsync(headers: key)).CacheStatus)!.Contains("detail=exact"), "the new entry");

        Assert.Equal(2, proxy.Upstream.Calls);
        Assert.Equal("CacheProxy; hit; detail=exact; ttl=50", status);
        Assert.Equal("Bearer mine", proxy.Upstream.Requests.Last().Headers["Authorization"]);
        Assert.Equal(["a", "b"], (await EntryAsync(proxy)).Tags);
    }

    [Theory]
    [InlineData("only-if-cached", "CacheProxy; hit; detail=stale; ttl=-30", 1)]
    [InlineData("no-store", "CacheProxy; fwd=miss", 2)]
    public async Task StaleAnswer_ThatMayNotBeRefreshed(string wish, string status, int calls)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Settings(("Exact:StaleWhileRevalidateSeconds", "600")));
        await proxy.AskAsync();
        proxy.Clock.Advance(TimeSpan.FromSeconds(90));

        Assert.Equal(status, (await proxy.AskAsync(headers: ("Cache-Control", wish))).CacheStatus);
        Assert.Equal(calls, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task PopularEntry_NearItsEnd_IsRefreshedOnce_AndCounted()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(
            new() { ["Exact:TtlSeconds"] = "100", ["Exact:RefreshAheadHits"] = "3", ["Exact:RefreshAheadPercent"] = "20" });
        proxy.Upstream.Script = (context, call) => Answers.ObjectAsync(context, $"answer {call}");
        await proxy.AskAsync();
        await proxy.AskAsync("asked once");
        await proxy.AskAsync();
        await proxy.AskAsync();
        proxy.Clock.Advance(TimeSpan.FromSeconds(79));
        Assert.Equal("CacheProxy; hit; detail=exact; ttl=21", (await proxy.AskAsync()).CacheStatus);
        proxy.Clock.Advance(TimeSpan.FromSeconds(1));

        await proxy.AskAsync("asked once");
        Assert.Equal("CacheProxy; hit; detail=exact; ttl=20", (await proxy.AskAsync()).CacheStatus);
        await Wait.UntilAsync(async () => (await proxy.AskAsync()).CacheStatus == "CacheProxy; hit; detail=exact; ttl=100", "the new entry");

        Assert.Contains("answer 3", (await proxy.AskAsync()).Text);
        Assert.Equal(3, proxy.Upstream.Calls);
        await Wait.UntilAsync(
            async () => (await proxy.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken))
                .Contains("cacheproxy_refreshes_total{cacheproxy_refresh_reason=\"ahead\",cacheproxy_refresh_result=\"stored\"} 1"),
            "the refresh to be counted");
    }

    [Fact]
    public async Task PopularEntry_WhoseRefreshFails_Stays()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(
            new() { ["Exact:TtlSeconds"] = "100", ["Exact:RefreshAheadHits"] = "1", ["Exact:RefreshAheadPercent"] = "50" });
        await proxy.AskAsync();
        proxy.Upstream.Script = (context, _) =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        proxy.Clock.Advance(TimeSpan.FromSeconds(60));

        await proxy.AskAsync();
        await Wait.UntilAsync(() => proxy.Upstream.Calls == 2, "the refresh");

        Assert.Equal("CacheProxy; hit; detail=exact; ttl=40", (await proxy.AskAsync()).CacheStatus);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    private static async Task<CacheEntry> EntryAsync(ProxyUnderTest proxy)
    {
        var all = new List<CacheEntry>();
        foreach (var store in (IEnumerable<IEntryStore>)proxy.Services.GetService(typeof(IEnumerable<IEntryStore>))!)
        {
            await foreach (CacheEntry entry in store.ReadAsync(new EntrySelector(), null, TestContext.Current.CancellationToken))
            {
                all.Add(entry);
            }
        }

        return all[0];
    }

    // Retries wait for the clock.
    private static async Task<Reply> AskPatientlyAsync(ProxyUnderTest proxy, bool stream = false)
    {
        Task<Reply> asked = proxy.AskAsync(stream: stream);
        await Wait.UntilAsync(() =>
        {
            proxy.Clock.Advance(TimeSpan.FromMilliseconds(50));
            return asked.IsCompleted;
        }, "the answer");
        return await asked;
    }

    private static async Task RecordAsync(ProxyUnderTest proxy, bool stream)
    {
        proxy.Upstream.Script = (context, _) => stream ? Answers.StreamAsync(context, ["hello"]) : Answers.ObjectAsync(context, "hello");
        await proxy.AskAsync(stream: stream);
    }

    private static async Task StaleAsync(ProxyUnderTest proxy, Func<HttpContext, Task> script)
    {
        await Wait.UntilAsync(() => proxy.Flights == 0, "the first answer to be stored");
        proxy.Upstream.Script = (context, _) => script(context);
        proxy.Clock.Advance(TimeSpan.FromSeconds(90));
    }
}
