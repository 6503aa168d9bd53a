using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Inference.Server;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Prices;
using CacheProxy.Pipeline;
using CacheProxy.SemanticCache;
using CacheProxy.TestKit;
using CacheProxy.Tests.Functional;
using CacheProxy.Tests.Stores;
using CacheProxy.Tests.Stores.Qdrant;
using CacheProxy.Tests.Stores.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.Observability;

/// <summary>What Prometheus gets from a proxy and a backend that have worked: the proxy over a real Redis, an index as Qdrant's and the bundled encoders, the backend with the bundled model.</summary>
public sealed partial class ScrapedMetrics : IAsyncLifetime
{
    private const string Question = "What is the capital of France?";
    private const string MetricsAccept = "application/openmetrics-text;version=1.0.0";

    private readonly Stack<object> _kept = new();

    /// <summary>That scraped both while they worked; null: it is not installed.</summary>
    internal PrometheusServer? Prometheus { get; private set; }

    /// <summary>Both pages, format 0.0.4.</summary>
    public string[] Pages { get; private set; } = [];

    public string OpenMetrics { get; private set; } = "";

    /// <summary>Labels of every name that a sample has.</summary>
    public ILookup<string, string[]> Samples { get; private set; } = Array.Empty<string>().ToLookup(text => text, _ => Array.Empty<string>());

    /// <summary>Why there are none; null: there are.</summary>
    private string? Skipped { get; set; }

    public async ValueTask InitializeAsync()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "redis-server"))))
        {
            Skipped = "redis-server is not installed.";
            return;
        }

        RedisServer redis = Keep(await RedisServer.StartNewAsync());
        ProxyUnderTest proxy = Keep(await StartProxyAsync(redis));
        InferenceHost backend = Keep(await InferenceHost.StartAsync(
            new InferenceServerOptions { Url = "http://127.0.0.1:0", ModelsFolder = ModelFolder.Find() }, NullLoggerFactory.Instance, cancellation: TestContext.Current.CancellationToken));
        await backend.Ready;
        using var client = new HttpClient { BaseAddress = backend.Address };
        await TrafficAsync(proxy, "Germany");
        await AskBackendAsync(client);
        if (PrometheusServer.Program is not null)
        {
            // Rates are of what happens between two scrapes.
            PrometheusServer prometheus = Keep(await PrometheusServer.StartAsync(("proxy", proxy.Client.BaseAddress!), ("inference", backend.Address)));
            await TrafficAsync(proxy, "Spain");
            await AskBackendAsync(client);
            await prometheus.WaitForScrapeAsync();
            await prometheus.WaitForRulesAsync("cacheproxy:requests:rate5m");
            Prometheus = prometheus;
        }

        OpenMetrics = await PageAsync(proxy.Client, MetricsAccept);
        Pages = [await PageAsync(proxy.Client, "text/plain"), await PageAsync(client, "text/plain")];
        Samples = Pages.SelectMany(page => page.Split('\n')).Select(line => Sample().Match(line)).Where(match => match.Success)
            .ToLookup(match => match.Groups[1].Value, match => Label().Matches(match.Groups[2].Value).Select(label => label.Groups[1].Value).ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        while (_kept.TryPop(out object? kept))
        {
            if (kept is IAsyncDisposable later)
            {
                await later.DisposeAsync();
            }
            else
            {
                ((IDisposable)kept).Dispose();
            }
        }
    }

    /// <summary>Skips the test where there is no scrape.</summary>
    public ScrapedMetrics Required()
    {
        Assert.SkipWhen(Skipped is not null, Skipped ?? "");
        return this;
    }

    private T Keep<T>(T kept)
        where T : class
    {
        _kept.Push(kept);
        return kept;
    }

    private async Task<ProxyUnderTest> StartProxyAsync(RedisServer redis)
    {
        var index = new FakeQdrant();
        FakeTimeProvider? clock = null;
        StubQdrantServer qdrant = Keep(await StubQdrantServer.StartAsync(request =>
        {
            // Steps that take no time are not measured.
            clock?.Advance(TimeSpan.FromMilliseconds(1));
            return index.Answer(request);
        }));
        ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new Dictionary<string, string>
        {
            ["Redis:Url"] = redis.Url,
            ["Redis:BudgetMilliseconds"] = "5000",
            ["Qdrant:Url"] = qdrant.Url,
            ["Qdrant:BudgetMilliseconds"] = "5000",
            ["Semantic:Policy"] = "static",
            ["Semantic:BudgetMilliseconds"] = "5000",
            ["Semantic:AuditShare"] = "1",
            ["Semantic:AuditsPerMinute"] = "1000",
            ["Exact:TtlSeconds"] = "60",
            ["Exact:StaleWhileRevalidateSeconds"] = "600",
            ["Budgets:0:Name"] = "small",
            ["Budgets:0:Model"] = "limited",
            ["Budgets:0:Window"] = "Day",
            ["Budgets:0:Requests"] = "1",
        });
        clock = proxy.Clock;
        return proxy;
    }

    private static async Task TrafficAsync(ProxyUnderTest proxy, string country)
    {
        var stage = proxy.Services.GetRequiredService<SemanticStage>();
        await proxy.AskAsync(Question);
        await Wait.UntilAsync(() => stage.IndexedQuestions > 0, "the question is indexed");
        await proxy.AskAsync(Question);
        await proxy.AskAsync("Can you tell me the capital of France?");
        await stage.Truth!.SettleAsync(TestContext.Current.CancellationToken);
        await proxy.AskAsync($"What is the capital of {country}?");
        await proxy.AskAsync("bypassed", headers: ("Cache-Control", "no-cache"));
        proxy.Clock.Advance(TimeSpan.FromSeconds(90));
        await proxy.AskAsync(Question);
        foreach (string question in (string[])["one", "two"])
        {
            await proxy.SendAsync($$"""{"model":"limited","messages":[{"role":"user","content":"{{question}}"}]}""");
        }

        // As of a provider that caches prefixes and searches, at a price that nobody knows.
        proxy.Services.GetRequiredService<ILedger>().Add(new LedgerRow
        {
            Time = proxy.Clock.GetUtcNow(),
            Model = "m",
            Status = 200,
            Outcome = CacheOutcome.Miss,
            Upstream = "backend",
            Usage = new TokenCounts(100, 10) { CachedRead = 64, Extras = UsageExtras.Searches, Searches = 2 },
            Price = new ModelPrice { Model = "m", Provider = "p", Input = 1, Output = 1, Source = "test" },
            Paid = new Money(110),
            Avoided = Money.Zero,
            PredictedCachedTokens = 80,
        });
        await Wait.UntilAsync(() => proxy.Flights == 0, "all answers have landed");
        await Wait.UntilAsync(
            async () => await PageAsync(proxy.Client, "text/plain") is var page && page.Contains("cacheproxy_refreshes_total{", StringComparison.Ordinal)
                && page.Contains("cacheproxy_budget_refusals_total{", StringComparison.Ordinal),
            "a refresh and a refusal are counted");
    }

    private static async Task AskBackendAsync(HttpClient client)
    {
        JsonElement models = await client.GetFromJsonAsync<JsonElement>("/v1/models", TestContext.Current.CancellationToken);
        string? model = models.GetProperty("data").EnumerateArray().Select(served => served.GetProperty("id").GetString()).First();
        using HttpResponseMessage answer = await client.PostAsJsonAsync(
            "/v1/completions", new { model, prompt = "one two three", max_tokens = 4 }, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode);
    }

    private static async Task<string> PageAsync(HttpClient client, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { { "Accept", accept } } };
        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    [GeneratedRegex(@"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? \S+$")]
    private static partial Regex Sample();

    [GeneratedRegex("([a-zA-Z_][a-zA-Z0-9_]*)=\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Label();
}
