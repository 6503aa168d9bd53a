using System.Net;
using System.Net.Sockets;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Functional;

public class UpstreamFaultTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Upstream_NotThere_Is502InTheProvidersShape(bool stream)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Upstream(ClosedPort()));

        Reply reply = await proxy.AskAsync(stream: stream);

        Assert.Equal(502, reply.Status);
        Assert.Equal("upstream_unreachable", reply.ErrorCode);
        Assert.Equal("application/json", reply.ContentType);
        Assert.Equal("CacheProxy; fwd=miss", reply.CacheStatus);
        Assert.DoesNotContain("127.0.0.1", reply.Text);
    }

    [Fact]
    public async Task Upstream_ThatKeepsFailing_IsLeftAlone()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Upstream(ClosedPort()));

        Reply? last = null;
        for (int i = 0; i < 8; i++)
        {
            last = await proxy.AskAsync($"question {i}");
        }

        Assert.Equal(503, last!.Status);
        Assert.Equal("upstream_unavailable", last.ErrorCode);
    }

    [Fact]
    public async Task Upstream_DyingInTheMiddle_CutsTheClientAndStoresNothing()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var die = new TaskCompletionSource();
        proxy.Upstream.Script = (context, call) => call > 1
            ? Answers.StreamAsync(context, ["whole"])
            : Answers.StreamAsync(context, ["half ", "never"], async i =>
            {
                if (i == 1)
                {
                    await die.Task;
                    context.Abort();
                }
            });

        using HttpResponseMessage cut = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true));
        Stream body = await cut.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await body.ReadExactlyAsync(new byte[Answers.Chunk("half ").Length], TestContext.Current.CancellationToken);
        die.SetResult();
        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));
        await Wait.UntilAsync(
            async () =>
            {
                proxy.Clock.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
                return proxy.Flights == 0;
            },
            "the failed flight to end");
        Reply next = await proxy.AskAsync(stream: true);

        Assert.Equal("CacheProxy; fwd=miss; stored", next.CacheStatus);
        Assert.Equal(Answers.Stream("whole"), next.Text);
    }

    [Fact]
    public async Task Upstream_TurningAway_IsAskedAgain()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(settings: null, services: null);
        proxy.Upstream.Script = (context, call) =>
        {
            context.Response.StatusCode = call == 1 ? 503 : 200;
            return call == 1 ? Task.CompletedTask : Answers.ObjectAsync(context, "second try");
        };

        Task<Reply> asked = proxy.AskAsync();
        await Wait.UntilAsync(
            () =>
            {
                proxy.Clock.Advance(TimeSpan.FromSeconds(1));
                return asked.IsCompleted;
            },
            "the second try");
        Reply reply = await asked;

        Assert.Equal(200, reply.Status);
        Assert.Equal(Answers.Object("second try"), reply.Text);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Theory]
    [InlineData("stop", false, true)]
    [InlineData("length", false, false)]
    [InlineData("length", true, true)]
    [InlineData("content_filter", true, false)]
    public async Task Answer_IsStored_ByItsFinishReason(string finish, bool allowTruncated, bool stored)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:AllowTruncated"] = $"{allowTruncated}" });
        proxy.Upstream.Script = (context, _) => Answers.ObjectAsync(context, "text", finish);

        await proxy.AskAsync();
        Reply second = await proxy.AskAsync();

        Assert.Equal(stored, second.CacheStatus!.Contains("hit"));
    }

    [Theory]
    [InlineData("""{"error":{"message":"oops"}}""")]
    [InlineData("not json")]
    [InlineData("""{"id":"x","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"cut"},"finish_reason":null}]}""")]
    [InlineData("""{"id":"x","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"stop"}]}""")]
    [InlineData("""{"id":"x","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":"}}]},"finish_reason":"tool_calls"}]}""")]
    public async Task Answer_ThatIsNotSound_IsPassedOnAndNotStored(string body)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(body);
        };

        Reply first = await proxy.AskAsync();
        await Wait.UntilAsync(() => proxy.Flights == 0, "the flight to end");
        await proxy.AskAsync();

        Assert.Equal(body, first.Text);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Stream_WithoutItsEnd_IsNotStored()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, ["a"], done: false);

        await proxy.AskAsync(stream: true);
        await Wait.UntilAsync(() => proxy.Flights == 0, "the flight to end");
        await proxy.AskAsync(stream: true);

        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    public async Task Error_OfTheUpstream_IsPassedOnAndNotStored(int status)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(Answers.Object("looks fine"));
        };

        Reply first = await proxy.AskAsync();
        await proxy.AskAsync();

        Assert.Equal(status, first.Status);
        Assert.Equal("CacheProxy; fwd=miss", first.CacheStatus);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    private static Dictionary<string, string> Upstream(string url) => new()
    {
        ["Upstreams:0:Name"] = "test",
        ["Upstreams:0:BaseUrl"] = url,
        ["Upstreams:0:Retries"] = "0",
    };

    private static string ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/v1";
    }
}
