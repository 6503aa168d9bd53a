using System.Text.Json;
using System.Text.Json.Nodes;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Writing;
using CacheProxy.Tests.Functional.Dashboard;
using CacheProxy.Tests.Functional.Upstreams;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional;

/// <summary>What the proxy expects of an upstream's prefix cache against what that delivers, from the request to every surface.</summary>
public class PrefixForecastTests
{
    private const string Answer = "That is all I know.";

    [Fact]
    public async Task OpenAI_InAConversation_DeliversWhatWasPredicted()
    {
        await using Run run = await Run.StartAsync();
        CachingOpenAI provider = Script(run);
        string instructions = Prose(1400, seed: 1);
        await AskAsync(run, instructions, "Who keeps the harbour?");
        await AskAsync(run, instructions, "Who keeps the harbour?", Answer, Prose(300, seed: 2));
        await AskAsync(run, instructions, "Who keeps the harbour?", Answer, Prose(300, seed: 2), Answer, "And who paid for it?");
        await AskAsync(run, instructions, "Another question altogether.");
        await AskAsync(run, Prose(1400, seed: 3), "Another question altogether.");
        await AskAsync(run, "Be brief.", "A short one.");
        run.Proxy.Clock.Advance(TimeSpan.FromMinutes(11));
        await AskAsync(run, instructions, "What is left after a while?");

        LedgerRow[] rows = await RowsAsync(run, 7);

        Assert.Equal(provider.Calls.Select(call => (long)call.Cached), rows.Select(row => row.Usage.CachedRead));
        Assert.All(rows, row => Assert.InRange(row.PredictedCachedTokens, row.Usage.CachedRead - 128, row.Usage.CachedRead + 128));
        Assert.All(rows[1..4], row => Assert.InRange(row.Usage.CachedRead, 1280, 2000));
        Assert.Equal([0, 0, 0], rows[4..].Select(row => row.PredictedCachedTokens));
    }

    [Fact]
    public async Task Surfaces_ShowTheSameTokens()
    {
        await using Run run = await Run.StartAsync(isSettled: false);
        Script(run);
        string instructions = Prose(1400, seed: 1);
        Reply first = await AskAsync(run, instructions, "One?");
        await AskAsync(run, instructions, "Two?");
        await AskAsync(run, instructions, "Two?");
        LedgerRow[] rows = await RowsAsync(run, 3);
        // The first prompt was new since the start, and the last was a hit: one call is compared, another is not.
        LedgerRow compared = Assert.Single(rows, row => row.IsPrefixCompared);

        Assert.Equal([-1, compared.PredictedCachedTokens, -1], rows.Select(row => row.PredictedCachedTokens));
        JsonElement totals = (await run.Proxy.ApiAsync("/prefix")).Json.GetProperty("totals");
        Assert.Equal(
            (2, 1, 1, compared.PredictedCachedTokens, compared.Usage.CachedRead, compared.Usage.CachedRead),
            (Number(totals, "requests"), Number(totals, "compared_requests"), Number(totals, "unpredicted_requests"), Number(totals, "predicted_tokens"), Number(totals, "delivered_tokens"), Number(totals, "cached_tokens")));
        JsonElement group = (await run.Proxy.ApiAsync("/groups?by=prefix&order=requests&limit=5")).Json.GetProperty("groups")[0];
        Assert.Equal(first.Header("X-CacheProxy-Prefix"), group.GetProperty("key").GetString());
        Assert.Equal(compared.PredictedCachedTokens, group.GetProperty("figures").GetProperty("predicted_cached_tokens").GetInt64());
        string scrape = await run.Proxy.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains($"cacheproxy_prefix_predicted_total{{cacheproxy_upstream_name=\"u\"}} {compared.PredictedCachedTokens}\n", scrape, StringComparison.Ordinal);
        Assert.Contains($"cacheproxy_prefix_delivered_total{{cacheproxy_upstream_name=\"u\"}} {compared.Usage.CachedRead}\n", scrape, StringComparison.Ordinal);
        Assert.Contains("cacheproxy_prefix_unpredicted_total{cacheproxy_upstream_name=\"u\"} 1\n", scrape, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upstream_ThatNeverTells_IsNotCompared_UntilItDoes()
    {
        await using Run run = await Run.StartAsync("vllm");
        var provider = new CachingOpenAI(run.Proxy.Clock);
        run.Upstream.Script = (context, call) => call < 3 || call == 4 ? Answers.ObjectAsync(context, Answer) : provider.AnswerAsync(context, run.Upstream.Requests.Last().Body);
        for (int i = 0; i < 4; i++)
        {
            await AskAsync(run, Prose(100, seed: 1), $"Question {i}?");
        }

        LedgerRow[] rows = await RowsAsync(run, 4);

        // The third answer tells; from then on one that does not, as vLLM's where nothing was cached, means nothing was.
        Assert.Equal([-1, -1, 0, 0], rows.Select(row => row.Usage.CachedRead));
        Assert.Equal([false, false, true, true], rows.Select(row => row.IsPrefixCompared));
        Assert.All(rows, row => Assert.True(row.PredictedCachedTokens >= 0));
    }

    [Fact]
    public async Task Refresh_PredictsAndTeaches_AndAnErrorDoesNot()
    {
        await using Run run = await Run.StartAsync("openai", true, ("Exact:TtlSeconds", "60"), ("Exact:StaleWhileRevalidateSeconds", "600"));
        CachingOpenAI provider = Script(run);
        string instructions = Prose(1400, seed: 1);
        await AskAsync(run, instructions, "One?");
        run.Proxy.Clock.Advance(TimeSpan.FromSeconds(90));
        await AskAsync(run, instructions, "One?");
        await Wait.UntilAsync(() => provider.Calls.Count == 2 && run.Proxy.Flights == 0, "refreshed");
        run.Upstream.Script = (context, _) =>
        {
            context.Response.StatusCode = 400;
            return Task.CompletedTask;
        };
        await AskAsync(run, instructions, "An error?");

        LedgerRow[] rows = await RowsAsync(run, 4);

        LedgerRow refresh = Assert.Single(rows, row => row.Work == LedgerWork.Refresh);
        Assert.InRange(refresh.PredictedCachedTokens, refresh.Usage.CachedRead - 128, refresh.Usage.CachedRead + 128);
        Assert.True(refresh.Usage.CachedRead > 1024);
        Assert.Equal(-1, Assert.Single(rows, row => row.Status == 400).PredictedCachedTokens);
        Assert.Equal(-1, Assert.Single(rows, row => row.Outcome == CacheOutcome.Stale).PredictedCachedTokens);
    }

    private static CachingOpenAI Script(Run run)
    {
        var provider = new CachingOpenAI(run.Proxy.Clock);
        run.Upstream.Script = (context, _) => provider.AnswerAsync(context, run.Upstream.Requests.Last().Body);
        return provider;
    }

    /// <param name="turns">Instructions, then user and assistant in turns.</param>
    private static async Task<Reply> AskAsync(Run run, params string[] turns)
    {
        var messages = new JsonArray([.. turns.Select((text, i) => new JsonObject { ["role"] = i == 0 ? "system" : i % 2 == 1 ? "user" : "assistant", ["content"] = text })]);
        Reply reply = await run.Proxy.SendAsync(new JsonObject { ["model"] = "m", ["temperature"] = 0, ["messages"] = messages }.ToJsonString());
        await Wait.UntilAsync(() => run.Proxy.Flights == 0, "what the answer teaches is learned");
        run.Proxy.Clock.Advance(TimeSpan.FromSeconds(1));
        return reply;
    }

    private static string Prose(int words, int seed)
    {
        string[] vocabulary = ["the", "harbour", "of", "a", "town", "keeps", "its", "old", "ledger,", "and", "whoever", "reads", "it", "finds", "figures.", "Nobody", "asks", "for", "more"];
        var random = new Random(seed);
        return string.Join(' ', Enumerable.Range(0, words).Select(_ => vocabulary[random.Next(vocabulary.Length)]));
    }

    private static long Number(JsonElement owner, string name) => owner.GetProperty(name).GetInt64();

    /// <summary>In the order of their end.</summary>
    private static async Task<LedgerRow[]> RowsAsync(Run run, int count)
    {
        LedgerRow[] rows = [];
        var filter = new LedgerFilter(run.Proxy.Clock.GetUtcNow().AddDays(-1), run.Proxy.Clock.GetUtcNow().AddDays(1));
        await Wait.UntilAsync(
            async () =>
            {
                await run.Proxy.Services.GetRequiredService<LedgerWriter>().SettleAsync(TestContext.Current.CancellationToken);
                rows = await run.Proxy.Services.GetRequiredService<ILedgerReader>().RowsAsync(filter, cancellationToken: TestContext.Current.CancellationToken)
                    .ToArrayAsync(TestContext.Current.CancellationToken);
                return rows.Length >= count;
            },
            $"{count} rows");
        Assert.Equal(count, rows.Length);
        return rows;
    }

    /// <summary>A proxy in front of one upstream of a kind.</summary>
    private sealed class Run(ScriptedUpstream upstream, ProxyUnderTest proxy) : IAsyncDisposable
    {
        public ScriptedUpstream Upstream => upstream;

        public ProxyUnderTest Proxy => proxy;

        /// <param name="isSettled">Longer up than the upstream remembers: what was never seen is not there.</param>
        public static async Task<Run> StartAsync(string kind = "openai", bool isSettled = true, params (string Key, string Value)[] more)
        {
            ScriptedUpstream upstream = await ScriptedUpstream.StartAsync();
            ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("u", upstream.Url)], [("0:Kind", kind), .. more]));
            proxy.Clock.Advance(isSettled ? TimeSpan.FromHours(1) : TimeSpan.Zero);
            return new Run(upstream, proxy);
        }

        public async ValueTask DisposeAsync()
        {
            await proxy.DisposeAsync();
            await upstream.DisposeAsync();
        }
    }
}
