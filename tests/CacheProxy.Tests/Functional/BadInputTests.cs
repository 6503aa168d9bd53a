using System.Net.Http.Headers;
using System.Text;
using CacheProxy.Protocol;

namespace CacheProxy.Tests.Functional;

public class BadInputTests
{
    [Theory]
    [InlineData("", null, "invalid_json")]
    [InlineData("{", null, "invalid_json")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"x"}]} trailing""", null, "invalid_json")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"\ud800"}]}""", "messages", "invalid_json")]
    [InlineData("[]", null, "invalid_type")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}]}""", "model", "missing_required_parameter")]
    [InlineData("""{"model":7,"messages":[{"role":"user","content":"x"}]}""", "model", "invalid_type")]
    [InlineData("""{"model":"","messages":[{"role":"user","content":"x"}]}""", "model", "invalid_value")]
    [InlineData("""{"model":"m"}""", "messages", "missing_required_parameter")]
    [InlineData("""{"model":"m","messages":[]}""", "messages", "empty_array")]
    [InlineData("""{"model":"m","messages":"hi"}""", "messages", "invalid_type")]
    [InlineData("""{"model":"m","messages":["hi"]}""", "messages[0]", "invalid_type")]
    [InlineData("""{"model":"m","stream":"yes","messages":[{"role":"user","content":"x"}]}""", "stream", "invalid_type")]
    [InlineData("""{"model":"m","temperature":"hot","messages":[{"role":"user","content":"x"}]}""", "temperature", "invalid_type")]
    [InlineData("""{"model":"m","n":1.5,"messages":[{"role":"user","content":"x"}]}""", "n", "invalid_type")]
    public async Task Body_ThatNobodyCouldAnswer_Is400NamingTheField(string body, string? param, string code)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Reply reply = await proxy.SendAsync(body);

        Assert.Equal(400, reply.Status);
        Assert.Equal(param, reply.ErrorParam);
        Assert.Equal(code, reply.ErrorCode);
        Assert.Equal("application/json", reply.ContentType);
        Assert.Equal(0, proxy.Upstream.Calls);
        Assert.Equal(200, (await proxy.AskAsync()).Status);
    }

    [Fact]
    public async Task Body_OfInvalidUtf8_Is400()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var content = new ByteArrayContent([.. "{\"model\":\""u8, 0xff, .. "\"}"u8]) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

        using HttpResponseMessage response = await proxy.Client.PostAsync("/v1/chat/completions", content, TestContext.Current.CancellationToken);

        Assert.Equal(400, (int)response.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_OverTheCap_Is413(bool announced)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Server:MaxBodyBytes"] = "1000" });
        byte[] body = Encoding.UTF8.GetBytes(ProxyUnderTest.Question(new string('x', 2000)));
        HttpContent content = announced ? new ByteArrayContent(body) : new StreamContent(new Unseekable(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        using HttpResponseMessage response = await proxy.Client.PostAsync("/v1/chat/completions", content, TestContext.Current.CancellationToken);

        Assert.Equal(413, (int)response.StatusCode);
        Assert.Contains("request_too_large", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, proxy.Upstream.Calls);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task ContentType_OtherThanJson_Is415(string type)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var content = new StringContent(ProxyUnderTest.Question(), Encoding.UTF8, type);

        using HttpResponseMessage response = await proxy.Client.PostAsync("/v1/chat/completions", content, TestContext.Current.CancellationToken);

        Assert.Equal(415, (int)response.StatusCode);
        Assert.Contains("unsupported_media_type", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(HeaderNames.Namespace, "a b")]
    [InlineData(HeaderNames.Namespace, "")]
    [InlineData(HeaderNames.Namespace, "ключ")]
    [InlineData(HeaderNames.Tags, "a,,b")]
    [InlineData(HeaderNames.Tags, "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17")]
    [InlineData(HeaderNames.Ttl, "-1")]
    [InlineData(HeaderNames.Ttl, "soon")]
    [InlineData(HeaderNames.Ttl, "99999999999")]
    [InlineData(HeaderNames.Semantic, "on")]
    [InlineData(HeaderNames.Semantic, "1.5")]
    [InlineData(HeaderNames.Semantic, "NaN")]
    public async Task Header_ThatIsNotValid_Is400NamingTheHeader(string name, string value)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        using var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 }) { BaseAddress = proxy.Client.BaseAddress };
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(ProxyUnderTest.Question(), Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation(name, value);

        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var reply = new Reply(response, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));

        Assert.Equal(400, reply.Status);
        Assert.Equal(name, reply.ErrorParam);
        Assert.Equal(0, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Model_ThatNoUpstreamServes_Is404()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new()
        {
            ["Upstreams:0:Name"] = "one",
            ["Upstreams:0:BaseUrl"] = "http://127.0.0.1:1/v1",
            ["Upstreams:0:Models"] = "gpt-*, other",
        });

        Reply reply = await proxy.AskAsync();

        Assert.Equal(404, reply.Status);
        Assert.Equal("model_not_found", reply.ErrorCode);
        Assert.Equal("model", reply.ErrorParam);
    }

    /// <summary>Sent in chunks, without its length.</summary>
    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
