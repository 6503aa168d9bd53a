using System.Text;
using CacheProxy.Protocol;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Functional;

public class PassThroughTests
{
    [Fact]
    public async Task OtherPaths_ReachTheUpstreamUntouched()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) => context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        CancellationToken stop = TestContext.Current.CancellationToken;

        string models = await proxy.Client.GetStringAsync("/v1/models?limit=2", stop);
        using HttpResponseMessage posted = await proxy.Client.PostAsync("/v1/moderations", new StringContent("{\"input\":1}", Encoding.UTF8, "application/json"), stop);
        using HttpResponseMessage got = await proxy.Client.GetAsync("/v1/chat/completions", stop);

        Assert.Equal("GET /v1/models?limit=2", models);
        Assert.Equal("POST /v1/moderations", await posted.Content.ReadAsStringAsync(stop));
        Assert.Equal("GET /v1/chat/completions", await got.Content.ReadAsStringAsync(stop));
        Assert.Equal("{\"input\":1}", proxy.Upstream.Requests.ElementAt(1).Body);
        Assert.False(posted.Headers.Contains(HeaderNames.CacheStatus));
    }

    [Theory]
    [InlineData("/v1/cache/stats")]
    [InlineData("/V1/cache/explain")]
    [InlineData("/v1/c%61che/reset")]
    public async Task CacheOfTheBackend_IsNotForClients(string path)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        using HttpResponseMessage got = await proxy.Client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(System.Net.HttpStatusCode.NotFound, got.StatusCode);
        Assert.Empty(proxy.Upstream.Requests);
    }

    [Fact]
    public async Task Body_ReachesTheUpstreamByteForByte()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        const string body = "{ \"model\" :\"m\",\n\"messages\":[ {\"role\":\"user\",\"content\":\"\\u00e9 \\n\"} ] , \"unknown\": 1.50}";

        await proxy.SendAsync(body);

        Assert.Equal(body, proxy.Upstream.Requests.Single().Body);
    }

    [Fact]
    public async Task OwnHeaders_AreForUsAndNotForProviders()
    {
        await using ScriptedUpstream provider = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new()
        {
            ["Upstreams:0:Name"] = "provider",
            ["Upstreams:0:BaseUrl"] = provider.Url + "/v1",
            ["Upstreams:0:ApiKey"] = "the-key",
        });

        Reply reply = await proxy.AskAsync(headers:
            [("Authorization", "Bearer client"), (HeaderNames.Salt, "chosen"), (HeaderNames.Prefix, "chosen"), (HeaderNames.Namespace, "n")]);
        var (path, headers, _) = provider.Requests.Single();

        Assert.Equal("/v1/chat/completions", path);
        Assert.Equal("Bearer the-key", headers["Authorization"]);
        Assert.DoesNotContain(headers.Keys, name => name.StartsWith("X-CacheProxy", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(32, reply.Header(HeaderNames.Prefix)!.Length);
    }

    [Fact]
    public async Task Backend_GetsPrefixAndSaltOfItsScope()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Reply one = await proxy.AskAsync("first", headers: [("Authorization", "Bearer a"), (HeaderNames.Salt, "chosen")]);
        await proxy.AskAsync("second", headers: ("Authorization", "Bearer a"));
        await proxy.AskAsync("first", headers: ("Authorization", "Bearer b"));
        Dictionary<string, string>[] sent = [.. proxy.Upstream.Requests.Select(request => request.Headers)];

        Assert.Equal(one.Header(HeaderNames.Prefix), sent[0][HeaderNames.Prefix]);
        Assert.Equal(sent[0][HeaderNames.Prefix], sent[1][HeaderNames.Prefix]);
        Assert.Equal(sent[0][HeaderNames.Salt], sent[1][HeaderNames.Salt]);
        Assert.NotEqual(sent[0][HeaderNames.Salt], sent[2][HeaderNames.Salt]);
        Assert.NotEqual("chosen", sent[0][HeaderNames.Salt]);
        Assert.Equal("Bearer a", sent[0]["Authorization"]);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public async Task Completions_GoToTheBackendWithTheSaltOfTheirScope(string isolate, bool isSalted)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Prefix:IsolateScopes"] = isolate });

        await proxy.AskAsync("first", headers: ("Authorization", "Bearer a"));
        foreach (string key in new[] { "a", "b" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = new StringContent("""{"model":"m","prompt":"x"}""", Encoding.UTF8, "application/json") };
            request.Headers.Add("Authorization", "Bearer " + key);
            request.Headers.Add(HeaderNames.Salt, "chosen");
            using HttpResponseMessage response = await proxy.Client.SendAsync(request, TestContext.Current.CancellationToken);
        }

        string?[] salts = [.. proxy.Upstream.Requests.Select(request => request.Headers.GetValueOrDefault(HeaderNames.Salt))];
        Assert.Equal(salts[0], salts[1]);
        Assert.Equal(isSalted, salts[1] is not null);
        Assert.Equal(isSalted, salts[1] != salts[2]);
        Assert.DoesNotContain("chosen", salts);
    }

    [Fact]
    public async Task Salt_IsSentAlsoWithoutTags()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Prefix:Enabled"] = "false" });

        await proxy.AskAsync();

        Dictionary<string, string> sent = proxy.Upstream.Requests.Single().Headers;
        Assert.True(sent.ContainsKey(HeaderNames.Salt));
        Assert.False(sent.ContainsKey(HeaderNames.Prefix));
    }

    [Fact]
    public async Task Health_IsOurs()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Assert.Equal("ok\n", await proxy.Client.GetStringAsync("/healthz", TestContext.Current.CancellationToken));
        Assert.Equal("ready\n", await proxy.Client.GetStringAsync("/readyz", TestContext.Current.CancellationToken));
        Assert.Equal(0, proxy.Upstream.Calls);
    }
}
