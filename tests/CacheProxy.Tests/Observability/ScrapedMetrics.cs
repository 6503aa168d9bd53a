using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using CacheProxy.Inference.Server;
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

        Pages = [await ScrapeProxyAsync(), await ScrapeBackendAsync()];
        Samples = Pages.SelectMany(page => page.Split('\n')).Select(line => Sample().Match(line)).Where(match => match.Success)
            .ToLookup(match => match.Groups[1].Value, match => Label().Matches(match.Groups[2].Value).Select(label => label.Groups[1].Value).ToArray());
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Skips the test where there is no scrape.</summary>
    public ScrapedMetrics Required()
    {
        Assert.SkipWhen(Skipped is not null, Skipped ?? "");
        return this;
    }

    private async Task<string> ScrapeProxyAsync()
    {
        using RedisServer redis = await RedisServer.StartNewAsync();
        var index = new FakeQdrant();
        FakeTimeProvider? clock = null;
        await using StubQdrantServer qdrant = await StubQdrantServer.StartAsync(request =>
        {
            // Steps that take no time are not measured.
            clock?.Advance(TimeSpan.FromMilliseconds(1));
            return index.Answer(request);
        });
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new Dictionary<string, string>
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
        await TrafficAsync(proxy);
        OpenMetrics = await PageAsync(proxy.Client, MetricsAccept);
        return await PageAsync(proxy.Client, "text/plain");
    }

    private static async Task TrafficAsync(ProxyUnderTest proxy)
    {
        var stage = proxy.Services.GetRequiredService<SemanticStage>();
        await proxy.AskAsync(Question);
        await Wait.UntilAsync(() => stage.IndexedQuestions > 0, "the question is indexed");
        await proxy.AskAsync(Question);
        await proxy.AskAsync("Can you tell me the capital of France?");
        await stage.Truth!.SettleAsync(TestContext.Current.CancellationToken);
        await proxy.AskAsync("What is the capital of Germany?");
        await proxy.AskAsync("bypassed", headers: ("Cache-Control", "no-cache"));
        proxy.Clock.Advance(TimeSpan.FromSeconds(90));
        await proxy.AskAsync(Question);
        foreach (string question in (string[])["one", "two"])
        {
            await proxy.SendAsync($$"""{"model":"limited","messages":[{"role":"user","content":"{{question}}"}]}""");
        }

        await Wait.UntilAsync(() => proxy.Flights == 0, "all answers have landed");
        await Wait.UntilAsync(
            async () => await PageAsync(proxy.Client, "text/plain") is var page && page.Contains("cacheproxy_refreshes_total{", StringComparison.Ordinal)
                && page.Contains("cacheproxy_budget_refusals_total{", StringComparison.Ordinal),
            "a refresh and a refusal are counted");
    }

    private static async Task<string> ScrapeBackendAsync()
    {
        await using InferenceHost host = await InferenceHost.StartAsync(
            new InferenceServerOptions { Url = "http://127.0.0.1:0", ModelsFolder = ModelFolder.Find() }, NullLoggerFactory.Instance, cancellation: TestContext.Current.CancellationToken);
        await host.Ready;
        using var client = new HttpClient { BaseAddress = host.Address };
        JsonElement models = await client.GetFromJsonAsync<JsonElement>("/v1/models", TestContext.Current.CancellationToken);
        string? model = models.GetProperty("data").EnumerateArray().Select(served => served.GetProperty("id").GetString()).First();
        using HttpResponseMessage answer = await client.PostAsJsonAsync(
            "/v1/completions", new { model, prompt = "one two three", max_tokens = 4 }, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode);
        return await PageAsync(client, "text/plain");
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
