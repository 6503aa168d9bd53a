using System.Text.Json;
using CacheProxy.Protocol;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Functional;

public class ExactTests
{
    [Fact]
    public async Task Request_AskedTwice_GetsTheSameBytesFromMemory()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Reply first = await proxy.AskAsync();
        proxy.Clock.Advance(TimeSpan.FromSeconds(10));
        Reply second = await proxy.AskAsync();

        Assert.Equal(200, first.Status);
        Assert.Equal("CacheProxy; fwd=miss; stored", first.CacheStatus);
        Assert.Equal(Answers.Object("hello"), first.Text);
        Assert.Equal("CacheProxy; hit; detail=exact; ttl=3590", second.CacheStatus);
        Assert.Equal("10", second.Header(HeaderNames.Age));
        Assert.Equal(32, second.Header(HeaderNames.Entry)!.Length);
        Assert.Equal(first.Header(HeaderNames.Prefix), second.Header(HeaderNames.Prefix));
        Assert.Equal(first.Body, second.Body);
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Stream_AskedTwice_GetsTheSameBytesFromMemory()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, ["a ", "b ", "c"]);

        Reply first = await proxy.AskAsync(stream: true);
        Reply second = await proxy.AskAsync(stream: true);

        Assert.Equal(Answers.Stream("a ", "b ", "c"), first.Text);
        Assert.Equal("CacheProxy; hit; detail=exact; ttl=3600", second.CacheStatus);
        Assert.Equal(first.Body, second.Body);
        Assert.Equal(first.ContentType, second.ContentType);
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Stream_Recorded_AnswersAnObject()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, ["one ", "two"], usage: true);

        await proxy.AskAsync(stream: true, extra: ",\"stream_options\":{\"include_usage\":true}");
        Reply reply = await proxy.AskAsync();

        Assert.StartsWith("CacheProxy; hit; detail=exact", reply.CacheStatus);
        Assert.Equal("application/json", reply.ContentType);
        JsonElement choice = reply.Json.GetProperty("choices")[0];
        Assert.Equal("one two", choice.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(7, reply.Json.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.Equal("chatcmpl-2", reply.Json.GetProperty("id").GetString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Object_Recorded_AnswersAStream(bool includeUsage)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        await proxy.AskAsync();
        Reply reply = await proxy.AskAsync(stream: true, extra: includeUsage ? ",\"stream_options\":{\"include_usage\":true}" : "");

        Assert.StartsWith("CacheProxy; hit; detail=exact", reply.CacheStatus);
        Assert.StartsWith("text/event-stream", reply.ContentType);
        JsonElement[] chunks = Events(reply);
        Assert.All(chunks, chunk => Assert.Equal("chat.completion.chunk", chunk.GetProperty("object").GetString()));
        Assert.Equal("hello", string.Concat(chunks.SelectMany(Deltas)));
        Assert.Contains(chunks, chunk => chunk.GetProperty("choices").EnumerateArray().Any(choice => choice.GetProperty("finish_reason").GetString() == "stop"));
        Assert.Equal(includeUsage, chunks.Any(chunk => chunk.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object));
        Assert.EndsWith(Answers.Done, reply.Text);
    }

    [Theory]
    [InlineData("""{"messages":[{"content":"s","role":"system"},{"role":"user","content":"hi"}],"model":"m"}""")]
    [InlineData("""{ "model" : "m", "temperature": 1.0, "n": 1, "user":"someone", "messages":[{"role":"system","content":"\u0073"},{"role":"user","content":"hi"}] }""")]
    public async Task Request_SpelledInAnotherWay_IsTheSame(string other)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        await proxy.AskAsync();
        Reply reply = await proxy.SendAsync(other);

        Assert.StartsWith("CacheProxy; hit; detail=exact", reply.CacheStatus);
    }

    [Theory]
    [InlineData("Authorization", "Bearer another")]
    [InlineData("api-key", "another")]
    [InlineData("X-CacheProxy-Namespace", "other")]
    public async Task Request_OfAnotherScope_IsAMiss(string header, string value)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        await proxy.AskAsync(headers: ("Authorization", "Bearer one"));
        Reply reply = await proxy.AskAsync(headers: header == "Authorization" ? [(header, value)] : header == "api-key" ? [(header, value)] : [("Authorization", "Bearer one"), (header, value)]);

        Assert.Equal("CacheProxy; fwd=miss; stored", reply.CacheStatus);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Entry_AfterItsTtl_IsAMiss()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        await proxy.AskAsync(headers: (HeaderNames.Ttl, "60"));
        proxy.Clock.Advance(TimeSpan.FromSeconds(61));
        Reply reply = await proxy.AskAsync();

        Assert.Equal("CacheProxy; fwd=miss; stored", reply.CacheStatus);
    }

    [Fact]
    public async Task Entry_WithinStaleWhileRevalidate_IsServedAndRefreshedOnce()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:TtlSeconds"] = "60", ["Exact:StaleWhileRevalidateSeconds"] = "600" });
        proxy.Upstream.Script = (context, call) => Answers.ObjectAsync(context, $"answer {call}");

        await proxy.AskAsync();
        proxy.Clock.Advance(TimeSpan.FromSeconds(90));
        Reply[] stale = await Task.WhenAll(proxy.AskAsync(), proxy.AskAsync(), proxy.AskAsync());
        await Wait.UntilAsync(async () => (await proxy.AskAsync()).CacheStatus!.StartsWith("CacheProxy; hit; detail=exact", StringComparison.Ordinal), "a fresh entry");
        Reply fresh = await proxy.AskAsync();

        Assert.Contains(stale, reply => reply.CacheStatus == "CacheProxy; hit; detail=stale; ttl=-30");
        Assert.Contains("answer 2", fresh.Text);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Entry_WithinStaleIfError_AnswersForTheFailedUpstream()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:TtlSeconds"] = "60", ["Exact:StaleIfErrorSeconds"] = "600" });
        Reply first = await proxy.AskAsync();
        proxy.Upstream.Script = (context, _) =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        proxy.Clock.Advance(TimeSpan.FromSeconds(90));

        Reply reply = await proxy.AskAsync();

        Assert.Equal(200, reply.Status);
        Assert.Equal("CacheProxy; hit; detail=stale; ttl=-30", reply.CacheStatus);
        Assert.Equal(first.Body, reply.Body);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    private static JsonElement[] Events(Reply reply) => [.. reply.Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
        .Where(line => !line.Contains("[DONE]")).Select(line => JsonDocument.Parse(line["data: ".Length..]).RootElement)];

    private static IEnumerable<string> Deltas(JsonElement chunk) => chunk.GetProperty("choices").EnumerateArray()
        .Select(choice => choice.GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString() ?? "" : "");
}
