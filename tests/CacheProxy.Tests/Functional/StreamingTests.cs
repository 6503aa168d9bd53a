using System.Text;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Functional;

/// <summary>What passes through the proxy passes as it comes; what is recorded is whole.</summary>
public class StreamingTests
{
    private const string Chat = "/v1/chat/completions";
    private const string Finish = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";

    [Theory]
    [InlineData(Chat, 0)]
    [InlineData(Chat, 1)]
    [InlineData("/v1/completions", 0)]
    [InlineData("/v1/completions", 1)]
    [InlineData("/v1/responses", 0)]
    [InlineData("/v1/responses", 1)]
    [InlineData("/v1/messages", 0)]
    [InlineData("/v1/messages", 1)]
    [InlineData("/v1/audio/speech", 0)]
    [InlineData("/v1/audio/speech", 1)]
    public async Task Miss_OfAStream_PassesEachPieceBeforeTheNextIsMade(string path, int pieceLength)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        byte[][] pieces = Pieces(EventsOf(path), pieceLength);
        var gate = new SemaphoreSlim(0);
        proxy.Upstream.Script = async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync(context.RequestAborted);
            foreach (byte[] piece in pieces)
            {
                await gate.WaitAsync(context.RequestAborted);
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        };

        // The headers are here before the first piece is.
        using HttpResponseMessage response = await proxy.BeginAsync(RequestOf(path), path: path);
        Stream body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        foreach (byte[] piece in pieces)
        {
            gate.Release();
            byte[] read = new byte[piece.Length];
            await body.ReadExactlyAsync(read, TestContext.Current.CancellationToken);
            Assert.Equal(piece, read);
        }

        Assert.Equal(0, await body.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("no terminal event")]
    [InlineData("error event")]
    [InlineData("cut connection")]
    [InlineData("invalid tool call")]
    public async Task Stream_ThatIsNotWholeAndSound_IsNeverStored(string fault)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var read = new TaskCompletionSource();
        proxy.Upstream.Script = async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(Answers.Chunk("one") + fault switch
            {
                "no terminal event" => Answers.Finish(),
                "error event" => "data: {\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\"}}\n\n" + Answers.Finish() + Answers.Done,
                "invalid tool call" => Answers.Chunk("x").Replace("\"content\":\"x\"", "\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":\"}}]")
                    + Answers.Finish("tool_calls") + Answers.Done,
                _ => Answers.Finish(),
            });
            await context.Response.Body.FlushAsync();
            if (fault == "cut connection")
            {
                await read.Task;
                context.Abort();
            }
        };

        using HttpResponseMessage first = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true));
        Stream body = await first.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await body.ReadExactlyAsync(new byte[Answers.Chunk("one").Length], TestContext.Current.CancellationToken);
        read.SetResult();
        Task rest = body.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        if (fault == "cut connection")
        {
            await Assert.ThrowsAnyAsync<Exception>(() => rest);
        }
        else
        {
            await rest;
        }

        await Wait.UntilAsync(
            () =>
            {
                proxy.Clock.Advance(TimeSpan.FromSeconds(1));
                return proxy.Flights == 0;
            },
            "the flight's end");
        proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, ["sound"]);
        Reply second = await proxy.AskAsync(stream: true);

        Assert.Equal("CacheProxy; fwd=miss; stored", second.CacheStatus);
        Assert.Equal(Answers.Stream("sound"), second.Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stream_CutByItsClient_IsStoredOnlyWhereTheUpstreamCompletedIt(bool finishAbandoned)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Flight:FinishAbandoned"] = finishAbandoned ? "true" : "false" });
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = (context, call) => Answers.StreamAsync(context, ["one ", "two"], i => call == 1 && i == 1 ? go.Task.WaitAsync(context.RequestAborted) : Task.CompletedTask);

        HttpResponseMessage first = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true));
        first.Dispose();
        await Wait.UntilAsync(() => proxy.Waiters == 0, "the client to leave");
        go.SetResult();
        await Wait.UntilAsync(() => proxy.Flights == 0, "the flight's end");
        Reply second = await proxy.AskAsync(stream: true);

        Assert.Equal(finishAbandoned ? "CacheProxy; hit; detail=exact; ttl=3600" : "CacheProxy; fwd=miss; stored", second.CacheStatus);
        Assert.Equal(Answers.Stream("one ", "two"), second.Text);
    }

    private static byte[][] Pieces(string[] events, int length)
        => [.. events.Select(Encoding.UTF8.GetBytes).SelectMany(item => item.Chunk(length == 0 ? item.Length : length))];

    private static string RequestOf(string path) => path switch
    {
        "/v1/completions" => """{"model":"m","prompt":"hi","stream":true,"stream_options":{"include_usage":true}}""",
        "/v1/responses" => """{"model":"m","input":"hi","stream":true}""",
        "/v1/messages" => """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}],"stream":true}""",
        _ => """{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}}""",
    };

    private static string[] EventsOf(string path) => path switch
    {
        "/v1/responses" => [
            "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}\n\n",
            "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"a,\"}\n\n",
            "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"id\":\"r\"}}\n\n"],
        "/v1/messages" => [
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\n\n",
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"a,\"}}\n\n",
            "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"],
        _ => [Answers.Chunk("a,"), Finish, Answers.Done],
    };
}
