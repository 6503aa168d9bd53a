using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Functional.Upstreams;

/// <summary>What is no cached call goes both ways as it is.</summary>
public class PassThroughStreamTests
{
    [Fact]
    public async Task Upload_ReachesTheUpstreamWhileItIsStillBeingSent()
    {
        var arrived = new TaskCompletionSource<string>();
        await using WebApplication upstream = await StartAsync(async context =>
        {
            byte[] first = new byte[5];
            await context.Request.Body.ReadExactlyAsync(first);
            arrived.TrySetResult($"{Encoding.ASCII.GetString(first)} {context.Request.Headers.Authorization} {context.Request.ContentType}");
            long rest = 0;
            byte[] buffer = new byte[65_536];
            for (int read; (read = await context.Request.Body.ReadAsync(buffer)) > 0;)
            {
                rest += read;
            }

            await context.Response.WriteAsync($"{rest}");
        });
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("a", upstream.Urls.First())], ("0:ApiKey", "the-key")));
        var more = new TaskCompletionSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/files") { Content = new HeldContent("begin", more.Task, 3_000_000) };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer client");

        Task<HttpResponseMessage> sent = proxy.Client.SendAsync(request, TestContext.Current.CancellationToken);
        string first = await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        more.SetResult();
        using HttpResponseMessage response = await sent;

        Assert.Equal("begin Bearer the-key multipart/form-data; boundary=x", first);
        Assert.Equal("4000000", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Download_ReachesTheClientByteForByte_WhileItIsStillBeingMade()
    {
        byte[] bytes = new byte[300_000];
        new Random(3).NextBytes(bytes);
        var more = new TaskCompletionSource();
        await using WebApplication upstream = await StartAsync(async context =>
        {
            context.Response.ContentType = "audio/mpeg";
            context.Response.Headers["x-request-id"] = "req-1";
            await context.Response.Body.WriteAsync(bytes.AsMemory(0, 1000));
            await context.Response.Body.FlushAsync();
            await more.Task;
            await context.Response.Body.WriteAsync(bytes.AsMemory(1000));
        });
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("a", upstream.Urls.First())]));

        using HttpResponseMessage response = await proxy.Client.GetAsync("/v1/audio/speech", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Stream body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        byte[] got = new byte[bytes.Length];
        await body.ReadExactlyAsync(got.AsMemory(0, 1000), TestContext.Current.CancellationToken);
        more.SetResult();
        await body.ReadExactlyAsync(got.AsMemory(1000), TestContext.Current.CancellationToken);

        Assert.Equal(bytes, got);
        Assert.Equal("req-1", response.Headers.GetValues("x-request-id").Single());
        Assert.Equal("audio/mpeg", response.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task WebSocket_OfARealtimeModel_GoesToItsUpstream_BothWays()
    {
        await using WebApplication upstream = await StartAsync(async context =>
        {
            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync("realtime");
            await socket.SendAsync(Encoding.UTF8.GetBytes($"{context.Request.Path}{context.Request.QueryString} {context.Request.Headers.Authorization}"), WebSocketMessageType.Text, true, default);
            byte[] buffer = new byte[100];
            for (WebSocketReceiveResult got; (got = await socket.ReceiveAsync(buffer, default)).MessageType != WebSocketMessageType.Close;)
            {
                await socket.SendAsync(buffer.AsMemory(0, got.Count), WebSocketMessageType.Text, true, default);
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
        });
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For(
            [("other", "http://127.0.0.1:9"), ("realtime", upstream.Urls.First())], ("0:Models", "gpt-*"), ("1:Models", "live-*"), ("1:ApiKey", "the-key")));
        using var client = new ClientWebSocket();
        client.Options.AddSubProtocol("realtime");
        CancellationToken stop = TestContext.Current.CancellationToken;

        await client.ConnectAsync(new Uri(proxy.Client.BaseAddress!.ToString().Replace("http", "ws") + "v1/realtime?model=live-1"), stop);
        string greeting = await ReceiveAsync(client, stop);
        await client.SendAsync(Encoding.UTF8.GetBytes("ping"), WebSocketMessageType.Text, true, stop);
        string echo = await ReceiveAsync(client, stop);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, stop);

        Assert.Equal("/v1/realtime?model=live-1 Bearer the-key", greeting);
        Assert.Equal("ping", echo);
        Assert.Equal("realtime", client.SubProtocol);
    }

    [Theory]
    [InlineData("DELETE", "/v1/files/a%2Fb?x=%20y&x=2", "a DELETE /v1/files/a%2Fb?x=%20y&x=2")]
    [InlineData("GET", "/v1/responses/resp_1?stream=true", "a GET /v1/responses/resp_1?stream=true")]
    [InlineData("GET", "/v1/messages/batches", "b GET /v1/messages/batches")]
    [InlineData("POST", "/v1/messages/count_tokens", "b POST /v1/messages/count_tokens")]
    [InlineData("GET", "/v1/batches/1", "b GET /v1/batches/1")]
    [InlineData("POST", "/openai/deployments/claude/audio/speech?api-version=9", "b POST /openai/deployments/claude/audio/speech?api-version=9")]
    public async Task Path_ChoosesTheUpstream(string method, string path, string expected)
    {
        await using WebApplication a = await StartAsync(context => context.Response.WriteAsync($"a {context.Request.Method} {RawTarget(context)}"));
        await using WebApplication b = await StartAsync(context => context.Response.WriteAsync($"b {context.Request.Method} {RawTarget(context)}"));
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For(
            [("a", a.Urls.First()), ("b", b.Urls.First())],
            ("0:Kind", "openai"), ("1:Kind", "anthropic"), ("0:Models", "gpt-*"), ("1:Models", "claude"),
            ("Routes:0:Name", "batches"), ("Routes:0:Paths", "/v1/batches*"), ("Routes:0:Destinations:0:Upstream", "b")));
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using HttpResponseMessage response = await proxy.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/v1/realtime?model=nobody")]
    [InlineData("/v1/messages/batches")]
    public async Task Path_ThatNobodyServes_Is404(string path)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("a", "http://127.0.0.1:9")], ("0:Kind", "openai"), ("0:Models", "gpt-*")));

        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await proxy.Client.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);
    }

    private static string RawTarget(HttpContext context) => context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;

    private static async Task<WebApplication> StartAsync(RequestDelegate answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.UseWebSockets();
        app.Run(answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket client, CancellationToken stop)
    {
        byte[] buffer = new byte[200];
        WebSocketReceiveResult got = await client.ReceiveAsync(buffer, stop);
        return Encoding.UTF8.GetString(buffer, 0, got.Count);
    }

    /// <summary>Sends its beginning, then waits, then sends the rest.</summary>
    private sealed class HeldContent : HttpContent
    {
        private readonly string _begin;
        private readonly Task _more;
        private readonly int _rest;

        public HeldContent(string begin, Task more, int rest)
        {
            (_begin, _more, _rest) = (begin, more, rest);
            Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            // More than any buffer on the way holds.
            await stream.WriteAsync(Encoding.ASCII.GetBytes(_begin));
            await stream.WriteAsync(new byte[1_000_000]);
            await stream.FlushAsync();
            await _more;
            await stream.WriteAsync(new byte[_rest]);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
