using System.Globalization;
using System.Text.Json;
using CacheProxy.Budget;
using CacheProxy.Protocol;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional.Budgets;

/// <summary>Budgets through the whole proxy: what they refuse, in each API's words, and what they let through.</summary>
public class BudgetTests
{
    private static readonly Dictionary<string, string> Questions = new()
    {
        ["/v1/chat/completions"] = """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"NAME"}]}""",
        ["/v1/completions"] = """{"model":"m","max_tokens":9,"prompt":"NAME"}""",
        ["/v1/responses"] = """{"model":"m","max_output_tokens":9,"input":"NAME"}""",
        ["/v1/messages"] = """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"NAME"}]}""",
    };

    public static TheoryData<string, bool> Paths
        => [.. Questions.Keys.SelectMany(path => new[] { new TheoryDataRow<string, bool>(path, true), new TheoryDataRow<string, bool>(path, false) })];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Miss_OverAHardBudget_IsRefusedInTheClientsDialect_HitsAreServed(string path, bool stream)
    {
        await using ProxyUnderTest proxy = await StartAsync(("Requests", "1"), ("Window", "month"));
        proxy.Upstream.Script = (context, _) => AnswerAsync(context, path);
        Assert.Equal(200, (await proxy.PostAsync(path, Question(path, "stored"))).Status);
        await Wait.UntilAsync(() => proxy.Flights == 0, "the entry");
        string refused = Question(path, "new").TrimEnd('}') + (stream ? ",\"stream\":true}" : "}");

        Reply reply = await proxy.PostAsync(path, refused);

        Assert.Equal(429, reply.Status);
        Assert.Equal("application/json", reply.ContentType);
        JsonElement error = reply.Json.GetProperty("error");
        Assert.Contains("'b'", error.GetProperty("message").GetString());
        Assert.Contains("1 requests", error.GetProperty("message").GetString());
        Assert.Contains("2026-02-01T00:00:00Z", error.GetProperty("message").GetString());
        Assert.Equal(path == "/v1/messages" ? "rate_limit_error" : "insufficient_quota", error.GetProperty("type").GetString());
        if (path != "/v1/messages")
        {
            Assert.Equal("insufficient_quota", reply.ErrorCode);
        }

        Assert.Equal((31 * 86_400).ToString(CultureInfo.InvariantCulture), reply.Header("Retry-After"));
        Assert.Equal("false", reply.Header("x-should-retry"));
        Assert.Equal("CacheProxy; detail=budget", reply.CacheStatus);
        Assert.Equal("b;used=1.0;unit=requests;reset=2678400", reply.Header(HeaderNames.Budget));
        Reply hit = await proxy.PostAsync(path, Question(path, "stored"));
        Assert.Contains("detail=exact", hit.CacheStatus);
        Assert.Null(hit.Header(HeaderNames.Budget));
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Window_ThatIsOver_BeginsAnew()
    {
        await using ProxyUnderTest proxy = await StartAsync(("Requests", "1"), ("Window", "hour"));
        Assert.Equal(200, (await proxy.AskAsync("one")).Status);
        Assert.Equal(429, (await proxy.AskAsync("two")).Status);

        proxy.Clock.Advance(TimeSpan.FromMinutes(59) + TimeSpan.FromSeconds(59));
        Reply late = await proxy.AskAsync("two");
        Assert.Equal((429, "1"), (late.Status, late.Header("Retry-After")));
        proxy.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(200, (await proxy.AskAsync("two")).Status);
        Assert.Equal(429, (await proxy.AskAsync("three")).Status);
    }

    [Fact]
    public async Task Clock_SetBackIntoTheWindowBefore_FindsItsCountAgain()
    {
        await using ProxyUnderTest proxy = await StartAsync(("Requests", "1"), ("Window", "day"));
        Assert.Equal(200, (await proxy.AskAsync("one")).Status);
        DateTimeOffset first = proxy.Clock.GetUtcNow();
        proxy.Clock.SetUtcNow(first.AddDays(40));
        Assert.Equal(200, (await proxy.AskAsync("two")).Status);

        proxy.Clock.SetUtcNow(first);
        Assert.Equal(429, (await proxy.AskAsync("three")).Status);
        proxy.Clock.SetUtcNow(first.AddDays(40));
        Assert.Equal(429, (await proxy.AskAsync("three")).Status);
    }

    [Fact]
    public async Task SoftBudget_NearlyAndWhollyUsed_OnlySaysSo()
    {
        await using ProxyUnderTest proxy = await StartAsync(("Requests", "4"), ("Window", "day"), ("Hard", "false"), ("Soft", "0.5"));

        Assert.Null((await proxy.AskAsync("1")).Header(HeaderNames.Budget));
        Assert.Null((await proxy.AskAsync("2")).Header(HeaderNames.Budget));
        Assert.Equal("b;used=0.5;unit=requests;reset=86400", (await proxy.AskAsync("3")).Header(HeaderNames.Budget));
        Assert.Equal("b;used=0.75;unit=requests;reset=86400", (await proxy.AskAsync("4", stream: true)).Header(HeaderNames.Budget));
        Reply beyond = await proxy.AskAsync("5");

        Assert.Equal((200, "b;used=1.0;unit=requests;reset=86400"), (beyond.Status, beyond.Header(HeaderNames.Budget)));
        BudgetState state = Assert.Single(States(proxy));
        Assert.Equal((BudgetLevel.Hard, false, new BudgetUse(5, 4), 0L), (state.Level, state.IsHard, state.Requests!.Value, state.Refused));
        string metrics = await proxy.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains("cacheproxy_budget_alarms", metrics);
    }

    [Fact]
    public async Task RequestOverBudget_WhileAnotherWithinItAsksTheSame_ReadsItsAnswerAlong()
    {
        await using ProxyUnderTest proxy = await StartAsync(("Requests", "1"), ("Window", "day"));
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = async (context, _) =>
        {
            await go.Task;
            await Answers.ObjectAsync(context, "hello");
        };
        Task<Reply> leader = proxy.AskAsync("same");
        await Wait.UntilAsync(() => proxy.Upstream.Calls == 1, "the leader's call");

        Task<Reply> follower = proxy.AskAsync("same");
        await Wait.UntilAsync(() => proxy.Waiters == 2, "the follower");
        Assert.Equal(429, (await proxy.AskAsync("other")).Status);
        go.SetResult();

        Assert.Equal(200, (await leader).Status);
        Assert.Equal((200, "CacheProxy; fwd=miss; collapsed"), ((await follower).Status, (await follower).CacheStatus));
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task RefusedRequests_ShareNothing_WithTenantsWithinTheirBudget()
    {
        // One scope for all keys: everybody's flights are everybody's, and budgets are not.
        await using ProxyUnderTest proxy = await StartAsync(
            new Dictionary<string, string> { ["Tenants:Scope"] = "shared" }, ("Requests", "1"), ("Window", "day"), ("Tenant", "*"));
        proxy.Upstream.Script = (context, _) => Answers.ObjectAsync(context, "hello");
        Assert.Equal(200, (await proxy.AskAsync("first", headers: Key("poor"))).Status);

        // The failure of a flight is held for those who come after; a refusal is nobody's but the refused one's.
        Assert.Equal(429, (await proxy.AskAsync("second", headers: Key("poor"))).Status);
        Reply rich = await proxy.AskAsync("second", headers: Key("rich"));

        Assert.Equal((200, 2), (rich.Status, proxy.Upstream.Calls));
        Assert.Contains("detail=exact", (await proxy.AskAsync("second", headers: Key("poor"))).CacheStatus);
        Assert.Equal(2, States(proxy).Count);
    }

    [Fact]
    public async Task ManyAtOnce_NeverExceedTheRequests()
    {
        await using ProxyUnderTest proxy = await StartAsync(("Requests", "5"), ("Window", "day"));

        Reply[] replies = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => proxy.AskAsync($"question {i}")));

        Assert.Equal(5, replies.Count(reply => reply.Status == 200));
        Assert.Equal(35, replies.Count(reply => reply.Status == 429));
        Assert.Equal(5, proxy.Upstream.Calls);
        Assert.Equal(35, Assert.Single(States(proxy)).Refused);
    }

    [Fact]
    public async Task StaleAnswer_UnderStaleIfError_IsGivenWhereTheMissIsRefused()
    {
        await using ProxyUnderTest proxy = await StartAsync(
            new Dictionary<string, string> { ["Exact:TtlSeconds"] = "10", ["Exact:StaleIfErrorSeconds"] = "1000" }, ("Requests", "1"), ("Window", "day"));
        await proxy.AskAsync("q");
        proxy.Clock.Advance(TimeSpan.FromSeconds(60));

        Reply reply = await proxy.AskAsync("q");

        Assert.Equal(200, reply.Status);
        Assert.Contains("detail=stale", reply.CacheStatus);
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Refresh_OverAHardBudget_IsNotMade()
    {
        await using ProxyUnderTest proxy = await StartAsync(
            new Dictionary<string, string> { ["Exact:TtlSeconds"] = "10", ["Exact:StaleWhileRevalidateSeconds"] = "1000" }, ("Requests", "1"), ("Window", "day"));
        await proxy.AskAsync("q");
        proxy.Clock.Advance(TimeSpan.FromSeconds(60));

        Assert.Contains("detail=stale", (await proxy.AskAsync("q")).CacheStatus);
        await Wait.UntilAsync(() => States(proxy)[0].Refused == 1 && proxy.Flights == 0, "the refresh to be refused");

        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task UpstreamThatGivesNoAnswer_CostsNothing()
    {
        await using ProxyUnderTest proxy = await StartAsync(("Requests", "1"), ("Window", "day"));
        proxy.Upstream.Script = (context, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        Task<Reply> failed = proxy.AskAsync("q");
        await Wait.UntilAsync(
            () =>
            {
                // It is tried again after a while.
                proxy.Clock.Advance(TimeSpan.FromMilliseconds(100));
                return failed.IsCompleted;
            },
            "the error");
        Assert.Equal(502, (await failed).Status);
        proxy.Upstream.Script = (context, _) => Answers.ObjectAsync(context, "hello");

        Assert.Equal(200, (await proxy.AskAsync("other")).Status);
        Assert.Equal(new BudgetUse(1, 1), Assert.Single(States(proxy)).Requests);
    }

    [Fact]
    public async Task Bypass_CountsAndIsRefused()
    {
        await using ProxyUnderTest proxy = await StartAsync(("Requests", "1"), ("Window", "day"));

        Assert.Equal(200, (await proxy.AskAsync("q", headers: ("Cache-Control", "no-cache"))).Status);
        Assert.Equal(429, (await proxy.AskAsync("q", headers: [("Cache-Control", "no-cache"), ("Cache-Control", "no-store")])).Status);
        Assert.Equal(504, (await proxy.AskAsync("r", headers: ("Cache-Control", "only-if-cached"))).Status);
    }

    internal static Task<ProxyUnderTest> StartAsync(params (string Key, string Value)[] budget) => StartAsync(new Dictionary<string, string>(), budget);

    internal static Task<ProxyUnderTest> StartAsync(Dictionary<string, string> settings, params (string Key, string Value)[] budget)
    {
        var all = new Dictionary<string, string>(settings) { ["Budgets:0:Name"] = "b" };
        foreach ((string key, string value) in budget)
        {
            all[$"Budgets:0:{key}"] = value;
        }

        return ProxyUnderTest.StartAsync(all);
    }

    internal static IReadOnlyList<BudgetState> States(ProxyUnderTest proxy) => proxy.Services.GetRequiredService<IBudgetStates>().All;

    internal static (string, string)[] Key(string key) => [("Authorization", "Bearer " + key)];

    private static string Question(string path, string name) => Questions[path].Replace("NAME", name, StringComparison.Ordinal);

    private static Task AnswerAsync(Microsoft.AspNetCore.Http.HttpContext context, string path)
    {
        context.Response.ContentType = "application/json";
        return Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, DialectTests.Shapes[path], context.RequestAborted);
    }
}
