using CacheProxy.Tests.Functional;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Embeddings;

public class EmbeddingFaultTests
{
    private const string One = """{"object":"embedding","index":0,"embedding":[0.1,0.2]}""";
    private const string Two = """{"object":"embedding","index":1,"embedding":[0.3,0.4]}""";

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"object":"list","data":[],"model":"m"}""")]
    [InlineData("{\"object\":\"list\",\"data\":[" + One + "],\"model\":\"m\"}")]
    [InlineData("{\"object\":\"list\",\"data\":[" + One + "," + Two + "," + Two + "],\"model\":\"m\"}")]
    [InlineData("{\"object\":\"list\",\"data\":[" + Two + "," + One + "],\"model\":\"m\"}")]
    [InlineData("{\"object\":\"list\",\"data\":[" + One + "," + One + "],\"model\":\"m\"}")]
    [InlineData("{\"object\":\"list\",\"data\":[" + One + """,{"object":"embedding","index":1,"embedding":[0.3]}],"model":"m"}""")]
    [InlineData("{\"object\":\"list\",\"data\":[" + One + """,{"object":"embedding","index":1,"embedding":"AAAA"}],"model":"m"}""")]
    [InlineData("{\"object\":\"list\",\"data\":[" + One + """,{"object":"embedding","index":1,"embedding":[0.3,null]}],"model":"m"}""")]
    [InlineData("{\"object\":\"list\",\"data\":[" + One + """,{"object":"embedding","embedding":[0.3,0.4]}],"model":"m"}""")]
    [InlineData("{\"object\":\"list\",\"data\":[" + One + """,{"object":"embedding","index":1,"embedding":[0.3,0.4],"sparse":{"a":1}}],"model":"m"}""")]
    [InlineData("{\"object\":\"list\",\"data\":[" + One + "," + Two + "],\"model\":\"m\",\"error\":{\"message\":\"half\"}}")]
    [InlineData("{\"object\":\"list\",\"data\":[" + One + "," + Two + "],\"model\":\"m\"} trailing")]
    public async Task Answer_ThatDoesNotFit_IsPassedOnAndNotStored(string answer)
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        sut.Script = (context, _, _) =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(answer);
        };

        Reply first = await sut.AskAsync(new[] { "a", "b" });
        await sut.SettleAsync();
        Reply second = await sut.AskAsync(new[] { "a", "b" });

        Assert.Equal((200, answer), (first.Status, first.Text));
        Assert.Equal("0/2", second.Inputs());
        Assert.Equal(2, sut.Proxy.Upstream.Calls);
        await sut.SettleAsync();
    }

    [Fact]
    public async Task Answer_OfOtherDimensionsThanAsked_IsNotStored()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        sut.Script = (context, _, _) =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync("{\"object\":\"list\",\"data\":[" + One + "],\"model\":\"m\"}");
        };

        await sut.AskAsync("a", ",\"dimensions\":3");
        await sut.SettleAsync();

        Assert.Equal("0/1", (await sut.AskAsync("a", ",\"dimensions\":3")).Inputs());
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    public async Task Refusal_OfAPart_IsAskedForTheWhole(int status)
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        await sut.AskAsync("a");
        await sut.SettleAsync();
        sut.Script = (context, body, _) =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync($"input[{Array.IndexOf(EmbeddingUpstream.InputsOf(body), "bad")}]");
        };

        Reply reply = await sut.AskAsync(new[] { "a", "bad" });

        Assert.Equal((status, "input[1]"), (reply.Status, reply.Text));
        Assert.Equal([["a"], ["bad"], ["a", "bad"]], sut.Sent);
        await sut.SettleAsync();
        Assert.Equal("1/1", (await sut.AskAsync("a")).Inputs());
    }

    [Fact]
    public async Task AnswerToAPart_ThatDoesNotFit_IsAskedForTheWhole()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        await sut.AskAsync("a");
        await sut.SettleAsync();
        sut.Script = (context, body, call) => call == 2 ? context.Response.WriteAsync("{}") : EmbeddingUpstream.AnswerAsync(context, body);

        Reply reply = await sut.AskAsync(new[] { "a", "b" });

        Assert.Equal([EmbeddingUpstream.Vector("a"), EmbeddingUpstream.Vector("b")], reply.Vectors());
        Assert.Equal("0/2", reply.Inputs());
        Assert.Equal(3, sut.Proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Upstream_Gone_Is502InTheProvidersShape()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync(new()
        {
            ["Upstreams:0:Name"] = "gone",
            ["Upstreams:0:BaseUrl"] = "http://127.0.0.1:1/v1",
            ["Upstreams:0:Retries"] = "0",
        });

        Reply reply = await sut.AskAsync(new[] { "a", "b" });

        Assert.Equal((502, "upstream_unreachable"), (reply.Status, reply.ErrorCode));
        sut.Proxy.Clock.Advance(TimeSpan.FromSeconds(1));
        await sut.SettleAsync();
    }

    [Fact]
    public async Task Answer_CutInTheMiddle_IsNeverWholeAndNeverStored()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        await sut.AskAsync("a");
        await sut.SettleAsync();
        sut.Script = async (context, body, _) =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("{\"object\":\"list\",\"data\":[");
            await context.Response.Body.FlushAsync();
            // What has left is on its way before the connection breaks; else the proxy would try again.
            await Task.Delay(TimeSpan.FromMilliseconds(300));
            context.Abort();
        };

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => sut.AskAsync(new[] { "b", "c" }));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => sut.AskAsync(new[] { "a", "d" }));

        sut.Proxy.Clock.Advance(TimeSpan.FromSeconds(1));
        await sut.SettleAsync();
        sut.Script = null;
        Assert.Equal("1/4", (await sut.AskAsync(new[] { "a", "b", "c", "d" })).Inputs());
    }

    [Fact]
    public async Task Answer_LargerThanIsKept_PassesThrough()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync(new() { ["Embeddings:MaxAnswerBytes"] = "65536" });
        string[] texts = [.. Enumerable.Range(0, 500).Select(i => $"{i}")];
        sut.Script = async (context, body, _) =>
        {
            context.Response.ContentType = "application/json";
            foreach (char[] piece in EmbeddingUpstream.Answer(body).Chunk(10_000))
            {
                // No faster than a client reads: one that falls far behind is cut off.
                await context.Response.WriteAsync(new string(piece));
                await context.Response.Body.FlushAsync();
                await Task.Delay(TimeSpan.FromMilliseconds(20));
            }
        };

        Reply reply = await sut.AskAsync(texts);
        await sut.SettleAsync();

        Assert.Equal(texts.Select(text => EmbeddingUpstream.Vector(text)), reply.Vectors());
        Assert.Equal("0/500", (await sut.AskAsync(texts)).Inputs());
    }
}
