using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Onnx.Models;
using CacheProxy.Pipeline.Configuration;
using CacheProxy.SemanticCache;
using CacheProxy.TestKit;
using CacheProxy.Tests.SemanticCache;
using CacheProxy.Tests.Stores;
using CacheProxy.Tests.Stores.Qdrant;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Functional;

/// <summary>The whole proxy with embedders and an index that are not its own.</summary>
public sealed class EmbedderTests
{
    private const string Question = "What is the capital of France?";
    private const string Again = "what is the capital of France";

    [Fact]
    public async Task Onnx_EncoderFromAFolder_ServesAsTheBundledOneDoes()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Settings(
            ("Semantic:Embedder:Kind", "onnx"), ("Semantic:Embedder:Folder", Repository.File("config", "models", "all-minilm-l6-v2"))));

        await AskTwiceAsync(proxy);

        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Theory]
    [InlineData("Semantic:Embedder:Folder", "/nowhere/at/all")]
    [InlineData("Semantic:Embedder:MaximumTokens", "4096")]
    public async Task Onnx_FolderThatHoldsNoSuchEncoder_StopsTheStartNamingTheKey(string key, string value)
    {
        Dictionary<string, string> settings = Settings(
            ("Semantic:Embedder:Kind", "onnx"), ("Semantic:Embedder:Folder", Repository.File("config", "models", "all-minilm-l6-v2")));
        settings[key] = value;

        var exception = await Assert.ThrowsAsync<ModelFileException>(() => ProxyUnderTest.StartAsync(settings));

        Assert.Contains("Semantic:Embedder:Folder", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoint_WithoutAModel_StopsTheStartNamingTheKey()
    {
        var exception = await Assert.ThrowsAsync<ConfigurationException>(() => ProxyUnderTest.StartAsync(Settings(
            ("Semantic:Embedder:Kind", "endpoint"), ("Semantic:Embedder:Url", "http://127.0.0.1:1/v1"))));

        Assert.Contains("Semantic:Embedder:Model", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoint_ThatAnswers_ServesAndItsTokensAreCounted()
    {
        var keys = new ConcurrentBag<string>();
        await using WebApplication endpoint = await StartEndpointAsync(keys);
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(EndpointSettings(endpoint.Urls.First()));

        await AskTwiceAsync(proxy);

        Assert.Equal(1, proxy.Upstream.Calls);
        Assert.All(keys, key => Assert.Equal("Bearer secret-key", key));
        string metrics = await proxy.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("cacheproxy_embedder_tokens", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-key", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoint_ThatIsAway_CostsSemanticHitsAndNothingElse()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(EndpointSettings("http://127.0.0.1:1"));

        await proxy.AskAsync(Question);
        Reply again = await proxy.AskAsync(Again);
        Reply exact = await proxy.AskAsync(Question);

        Assert.Equal(200, again.Status);
        Assert.StartsWith("CacheProxy; fwd=miss", again.CacheStatus, StringComparison.Ordinal);
        Assert.StartsWith("CacheProxy; hit; detail=exact", exact.CacheStatus, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Qdrant_SharedIndex_ServesWhatAnotherProxyWouldFindThere()
    {
        var qdrant = new FakeQdrant();
        await using StubQdrantServer server = await StubQdrantServer.StartAsync(qdrant.Answer);
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Settings(("Qdrant:Url", server.Url), ("Qdrant:BudgetMilliseconds", "5000")));

        await AskTwiceAsync(proxy);

        Assert.Equal(1, proxy.Upstream.Calls);
        Assert.Contains(server.Requests, request => request.Path.EndsWith("/points/query", StringComparison.Ordinal));
        Assert.Empty(server.Violations);
    }

    [Theory]
    [InlineData(500, "{}")]
    [InlineData(200, "not json")]
    [InlineData(200, """{"data":[]}""")]
    [InlineData(200, """{"data":[{"index":0,"embedding":[0,0,0,0]}]}""")]
    [InlineData(200, """{"data":[{"index":0,"embedding":[1,0,0]}]}""")]
    [InlineData(200, """{"data":[{"index":0,"embedding":[1e39,0,0,0]}]}""")]
    [InlineData(200, """{"data":[{"index":0,"embedding":["NaN",0,0,0]}]}""")]
    public async Task Endpoint_ThatGivesNoVector_NeverLeadsToAHit(int status, string body)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using WebApplication endpoint = builder.Build();
        endpoint.MapPost("/v1/embeddings", async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(body, context.RequestAborted);
        });
        await endpoint.StartAsync(TestContext.Current.CancellationToken);
        Dictionary<string, string> settings = EndpointSettings(endpoint.Urls.First());
        settings["Semantic:Embedder:Dimensions"] = "4";
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(settings);

        Reply first = await proxy.AskAsync(Question);
        await proxy.Services.GetRequiredService<SemanticStage>().SettleAsync(TestContext.Current.CancellationToken);
        Reply again = await proxy.AskAsync(Again);

        Assert.Equal("CacheProxy; fwd=miss; stored", first.CacheStatus);
        Assert.Equal("CacheProxy; fwd=miss; stored", again.CacheStatus);
        Assert.Contains("detail=exact", (await proxy.AskAsync(Question)).CacheStatus);
        Assert.Equal(0, proxy.Services.GetRequiredService<SemanticStage>().IndexedQuestions);
    }

    private static async Task AskTwiceAsync(ProxyUnderTest proxy)
    {
        Reply first = await proxy.AskAsync(Question);
        SemanticStage stage = proxy.Services.GetServices<IAnswerObserver>().OfType<SemanticStage>().Single();
        await Wait.UntilAsync(() => stage.IndexedQuestions == 1, "the question to be found");

        Reply second = await proxy.AskAsync(Again);

        Assert.StartsWith("CacheProxy; hit; detail=semantic", second.CacheStatus, StringComparison.Ordinal);
        Assert.Equal(first.Body, second.Body);
    }

    private static Dictionary<string, string> Settings(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string> { ["Semantic:Policy"] = "static", ["Semantic:BudgetMilliseconds"] = "10000", ["Semantic:Embedder:BudgetMilliseconds"] = "10000" };
        foreach ((string key, string value) in settings)
        {
            all[key] = value;
        }

        return all;
    }

    private static Dictionary<string, string> EndpointSettings(string url) => Settings(
        ("Semantic:Embedder:Kind", "endpoint"), ("Semantic:Embedder:Url", url + "/v1"), ("Semantic:Embedder:Model", "words"),
        ("Semantic:Embedder:Dimensions", "64"), ("Semantic:Embedder:ApiKey", "secret-key"), ("Semantic:Embedder:PricePerMillionTokens", "0.02"));

    private static async Task<WebApplication> StartEndpointAsync(ConcurrentBag<string> keys)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.MapPost("/v1/embeddings", async context =>
        {
            keys.Add(context.Request.Headers.Authorization.ToString());
            using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body);
            IEnumerable<string> vectors = body.RootElement.GetProperty("input").EnumerateArray().Select((text, i) =>
                $$"""{"index":{{i}},"embedding":[{{string.Join(',', FakeEmbedder.VectorOf(text.GetString()!).Select(x => x.ToString(CultureInfo.InvariantCulture)))}}]}""");
            await context.Response.WriteAsync("{\"data\":[" + string.Join(',', vectors) + "],\"usage\":{\"total_tokens\":5}}");
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
