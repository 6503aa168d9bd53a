using System.IO.Compression;
using System.Text;
using CacheProxy.Embeddings;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional;

/// <summary>Broken and hostile requests over real sockets: each has its answer, none is a hit, none hangs, none leaves anything behind.</summary>
public class WireTests
{
    private const string Chat = "/v1/chat/completions";
    private const string Embeddings = "/v1/embeddings";

    [Theory]
    [InlineData(Chat)]
    [InlineData(Embeddings)]
    public async Task ChunkedBody_ThatStops_Is408AfterTheGrace(string path)
    {
        await using ProxyUnderTest proxy = await StartAsync(new() { ["Server:MinBodyBytesPerSecond"] = "1000", ["Server:BodyGraceSeconds"] = "2" });
        using RawConnection client = await RawConnection.OpenAsync(proxy);

        await client.SendAsync(RawConnection.Chunked(path) + RawConnection.Chunk("{\"model\":\"m\","));
        RawReply? reply = await client.ReadAsync();

        Assert.Equal(408, reply?.Status);
        Assert.Contains("\"error\"", reply!.Body);
        await client.AssertClosedAsync();
        Assert.Equal(0, proxy.Upstream.Calls);
        await AssertWellAsync(proxy);
    }

    [Fact]
    public async Task Body_ThatDripsBelowTheRate_Is408()
    {
        await using ProxyUnderTest proxy = await StartAsync(new() { ["Server:MinBodyBytesPerSecond"] = "1000", ["Server:BodyGraceSeconds"] = "2" });
        using RawConnection client = await RawConnection.OpenAsync(proxy);

        await client.SendAsync("POST /v1/chat/completions HTTP/1.1\r\nHost: proxy\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n");
        Task<RawReply?> answer = client.ReadAsync();
        for (int i = 0; i < 100 && !answer.IsCompleted; i++)
        {
            await client.SendAsync(" ");
            await Task.WhenAny(answer, Task.Delay(100, TestContext.Current.CancellationToken));
        }

        Assert.Equal(408, (await answer)?.Status);
        await AssertWellAsync(proxy);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Client_ThatGoesInsideItsBody_LeavesNothing(bool chunked)
    {
        await using ProxyUnderTest proxy = await StartAsync();
        using (RawConnection client = await RawConnection.OpenAsync(proxy))
        {
            await client.SendAsync(chunked
                ? RawConnection.Chunked(Chat) + RawConnection.Chunk("{")
                : "POST /v1/chat/completions HTTP/1.1\r\nHost: proxy\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
        }

        await AssertWellAsync(proxy);
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_ShorterThanItSays_IsNoRequest(bool chunked)
    {
        await using ProxyUnderTest proxy = await StartAsync();
        using RawConnection client = await RawConnection.OpenAsync(proxy);
        string body = ProxyUnderTest.Question();

        await client.SendAsync(chunked ? RawConnection.Chunked(Chat) + RawConnection.Chunk(body) : RawConnection.Post(Chat, body + " ")[..^1]);
        client.EndSending();
        RawReply? reply = await client.ReadAsync();

        // A complete JSON text that is not the complete body is no reason to answer it.
        Assert.True(reply is null or { Status: 400 }, reply?.Head);
        Assert.Equal(0, proxy.Upstream.Calls);
        await AssertWellAsync(proxy);
    }

    [Fact]
    public async Task Body_LongerThanItSays_IsCutThereAndTheRestIsNoRequest()
    {
        await using ProxyUnderTest proxy = await StartAsync();
        using RawConnection client = await RawConnection.OpenAsync(proxy);

        await client.SendAsync(RawConnection.Post(Chat, ProxyUnderTest.Question()) + "}garbage\r\n\r\n");
        RawReply? first = await client.ReadAsync();
        RawReply? second = await client.ReadAsync();

        Assert.Equal((200, Answers.Object("hello")), (first!.Status, first.Body));
        Assert.Equal(400, second?.Status);
        await client.AssertClosedAsync();
        await AssertWellAsync(proxy);
    }

    [Fact]
    public async Task ContentLength_AndChunks_AreOneRequestAndTheLast()
    {
        await using ProxyUnderTest proxy = await StartAsync();
        using RawConnection client = await RawConnection.OpenAsync(proxy);
        string body = ProxyUnderTest.Question();
        const string smuggled = "POST /v1/chat/completions HTTP/1.1\r\nHost: proxy\r\n\r\n";

        await client.SendAsync(RawConnection.Chunked(Chat, "Content-Length: 5\r\n") + RawConnection.Chunk(body) + "0\r\n\r\n" + smuggled);
        RawReply? reply = await client.ReadAsync();

        // RFC 9112 §6.3: refused, or read by its chunks and the connection closed behind it.
        if (reply!.Status == 200)
        {
            Assert.Equal(body, proxy.Upstream.Requests.Single().Body);
        }
        else
        {
            Assert.Equal((400, 0), (reply.Status, proxy.Upstream.Calls));
        }

        await client.AssertClosedAsync();
        await AssertWellAsync(proxy);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\nContent-Length: 7\r\n")]
    [InlineData("Content-Length: -1\r\n")]
    [InlineData("Content-Length: 1x\r\n")]
    [InlineData("Transfer-Encoding: gzip\r\n")]
    [InlineData("Transfer-Encoding: chunked, identity\r\n")]
    [InlineData("X-CacheProxy-Namespace: a\rX-Other: b\r\nContent-Length: 2\r\n")]
    [InlineData("X-CacheProxy-Tags: a\0b\r\nContent-Length: 2\r\n")]
    [InlineData("X-CacheProxy-Namespace : a\r\nContent-Length: 2\r\n")]
    [InlineData("X-CacheProxy-Namespace: a\r\n folded\r\nContent-Length: 2\r\n")]
    [InlineData("X-CacheProxy-Tags: a%0d%0aX-Other:b\r\nContent-Length: 2\r\n")]
    [InlineData("X-CacheProxy-Namespace: a\r\nX-CacheProxy-Namespace: b\r\nContent-Length: 2\r\n")]
    [InlineData("X-CacheProxy-TTL: 60\r\nX-CacheProxy-TTL: 0\r\nContent-Length: 2\r\n")]
    public async Task Head_ThatMeansTwoThings_IsRefused(string headers)
    {
        await using ProxyUnderTest proxy = await StartAsync();
        using RawConnection client = await RawConnection.OpenAsync(proxy);

        await client.SendAsync($"POST {Chat} HTTP/1.1\r\nHost: proxy\r\nContent-Type: application/json\r\n{headers}\r\n{{}}");
        RawReply? reply = await client.ReadAsync();

        Assert.InRange(reply!.Status, 400, 501);
        Assert.Equal(0, proxy.Upstream.Calls);
        await AssertWellAsync(proxy);
    }

    [Fact]
    public async Task HeaderLine_ThatIsVeryLong_Is431()
    {
        await using ProxyUnderTest proxy = await StartAsync();
        using RawConnection client = await RawConnection.OpenAsync(proxy);

        await client.SendAsync($"POST {Chat} HTTP/1.1\r\nHost: proxy\r\nX-CacheProxy-Namespace: {new string('a', 60_000)}\r\n\r\n");

        Assert.Equal(431, (await client.ReadAsync())?.Status);
        await AssertWellAsync(proxy);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Method_OtherThanPost_IsTheUpstreamsAndNeverAHit(string method)
    {
        await using ProxyUnderTest proxy = await StartAsync();
        await proxy.AskAsync();
        proxy.Upstream.Script = (context, _) =>
        {
            context.Response.StatusCode = 405;
            return Task.CompletedTask;
        };
        foreach (string path in new[] { Chat, Embeddings })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = method is "PUT" ? new StringContent(ProxyUnderTest.Question(), Encoding.UTF8, "application/json") : null };
            using HttpResponseMessage response = await proxy.Client.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal(405, (int)response.StatusCode);
            Assert.False(response.Headers.Contains(Protocol.HeaderNames.CacheStatus));
        }

        Assert.Equal(3, proxy.Upstream.Calls);
    }

    [Theory]
    [InlineData("/v1/chat/completion%73", true)]
    [InlineData("/v1/./chat/completions", true)]
    [InlineData("/v1/x/../chat/completions", true)]
    [InlineData("/V1/Chat/Completions", true)]
    [InlineData("//v1/chat/completions", false)]
    [InlineData("/v1//chat/completions", false)]
    [InlineData("/v1/chat%2Fcompletions", false)]
    [InlineData("/v1/chat%252Fcompletions", false)]
    [InlineData("/v1/chat/completions%00", null)]
    public async Task Path_SpeltOtherwise_IsTheSameOnlyIfItIs(string path, bool? isCached)
    {
        await using ProxyUnderTest proxy = await StartAsync();
        await proxy.AskAsync();
        using RawConnection client = await RawConnection.OpenAsync(proxy);

        await client.SendAsync(RawConnection.Post(path, ProxyUnderTest.Question()));
        RawReply? reply = await client.ReadAsync();

        bool isHit = reply!.Head.Contains("Cache-Status: CacheProxy; hit", StringComparison.Ordinal);
        Assert.Equal(isCached == true, isHit);
        Assert.Equal(isCached is false ? 2 : 1, proxy.Upstream.Calls);
        Assert.Equal(isCached is null ? 400 : 200, reply.Status);
        await AssertWellAsync(proxy);
    }

    [Fact]
    public async Task Pipelined_Requests_AreAnsweredInOrder()
    {
        await using ProxyUnderTest proxy = await StartAsync();
        proxy.Upstream.Script = (context, call) => Answers.ObjectAsync(context, $"answer {call}");
        using RawConnection client = await RawConnection.OpenAsync(proxy);
        string[] questions = ["one", "two", "one"];

        await client.SendAsync(string.Concat(questions.Select(question => RawConnection.Post(Chat, ProxyUnderTest.Question(question)))));
        RawReply?[] replies = [await client.ReadAsync(), await client.ReadAsync(), await client.ReadAsync()];

        Assert.Equal(["answer 1", "answer 2", "answer 1"], replies.Select(reply => System.Text.Json.Nodes.JsonNode.Parse(reply!.Body)!["choices"]![0]!["message"]!["content"]!.GetValue<string>()));
        Assert.Contains("hit; detail=exact", replies[2]!.Head);
        await AssertWellAsync(proxy);
    }

    [Fact]
    public async Task Client_ThatClosesHalf_IsAnsweredOrLetGo()
    {
        await using ProxyUnderTest proxy = await StartAsync();
        using RawConnection client = await RawConnection.OpenAsync(proxy);

        await client.SendAsync(RawConnection.Post(Chat, ProxyUnderTest.Question()));
        client.EndSending();
        RawReply? reply = await client.ReadAsync();

        Assert.True(reply is null || (reply.Status, reply.Body) == (200, Answers.Object("hello")), reply?.Head);
        await client.AssertClosedAsync();
        await AssertWellAsync(proxy);
    }

    [Fact]
    public async Task ExpectContinue_IsToldToGoOnAndNotPassedOn()
    {
        await using ProxyUnderTest proxy = await StartAsync();
        using RawConnection client = await RawConnection.OpenAsync(proxy);
        string body = ProxyUnderTest.Question();
        string request = RawConnection.Post(Chat, body, "Expect: 100-continue\r\n");

        await client.SendAsync(request[..^body.Length]);
        RawReply? goOn = await client.ReadAsync();
        await client.SendAsync(body);
        RawReply? reply = await client.ReadAsync();

        Assert.Equal(100, goOn?.Status);
        Assert.Equal(200, reply?.Status);
        Assert.DoesNotContain("Expect", proxy.Upstream.Requests.Single().Headers.Keys);
        await AssertWellAsync(proxy);
    }

    [Fact]
    public async Task ExpectContinue_OfWhatIsRefused_SendsNoBody()
    {
        await using ProxyUnderTest proxy = await StartAsync(new() { ["Server:MaxBodyBytes"] = "1000" });
        using RawConnection client = await RawConnection.OpenAsync(proxy);

        await client.SendAsync($"POST {Chat} HTTP/1.1\r\nHost: proxy\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n");

        Assert.Equal(413, (await client.ReadAsync())?.Status);
        await AssertWellAsync(proxy, question: "hi");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("zstd")]
    [InlineData("made-up")]
    public async Task Body_InACoding_PassesAsItIsAndIsNeverCached(string coding)
    {
        await using ProxyUnderTest proxy = await StartAsync();
        byte[] body = coding == "gzip" ? Gzip(Encoding.UTF8.GetBytes(ProxyUnderTest.Question())) : [1, 2, 3];
        proxy.Upstream.Script = (context, _) => context.Response.WriteAsync($"{context.Request.Headers.ContentEncoding} {context.Request.ContentLength}");
        await proxy.AskAsync();
        foreach (string path in new[] { Chat, Embeddings, Chat })
        {
            using var content = new ByteArrayContent(body) { Headers = { { "Content-Type", "application/json" }, { "Content-Encoding", coding } } };
            using HttpResponseMessage response = await proxy.Client.PostAsync(path, content, TestContext.Current.CancellationToken);

            Assert.Equal($"{coding} {body.Length}", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.Equal("CacheProxy; fwd=bypass; detail=unparsed", response.Headers.GetValues(Protocol.HeaderNames.CacheStatus).Single());
        }

        Assert.Equal(4, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Bomb_IsNeverUnpacked()
    {
        await using ProxyUnderTest proxy = await StartAsync(new() { ["Server:MaxBodyBytes"] = "5000000" });
        // 500 MB of zeros in some 2 MB.
        byte[] bomb = Gzip(new byte[500_000_000]);
        long before = GC.GetTotalAllocatedBytes();

        using var content = new ByteArrayContent(bomb) { Headers = { { "Content-Type", "application/json" }, { "Content-Encoding", "gzip" } } };
        using HttpResponseMessage response = await proxy.Client.PostAsync(Chat, content, TestContext.Current.CancellationToken);

        Assert.Equal(200, (int)response.StatusCode);
        // The count is the whole process's, other tests included: unpacked, it would be 500 MB at least.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 400_000_000);
        await AssertWellAsync(proxy);
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static Task<ProxyUnderTest> StartAsync(Dictionary<string, string>? settings = null) => ProxyUnderTest.StartAsync(settings);

    /// <summary>Nothing is under way, and the next request is answered.</summary>
    private static async Task AssertWellAsync(ProxyUnderTest proxy, string question = "another")
    {
        EmbeddingFlights embeddings = proxy.Services.GetRequiredService<EmbeddingFlights>();
        Assert.Equal(200, (await proxy.AskAsync(question)).Status);
        await Wait.UntilAsync(() => proxy.Flights == 0 && embeddings.Count == 0, "the flights to end");
    }
}
