using System.Diagnostics;
using CacheProxy.Observability.Tracing;
using CacheProxy.Tests.Functional;
using CacheProxy.Tests.Functional.Upstreams;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Observability;

/// <summary>W3C's headers, from the client to the upstream, with and without anybody who traces.</summary>
[Collection(nameof(TracingCollection))]
public class TraceContextTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Parent = $"00-{Trace}-b7ad6b7169203331-01";

    private static readonly (string, string)[] Sent = [(TraceHeaders.Parent, Parent), (TraceHeaders.State, "vendor=a,other=b"), (TraceHeaders.Baggage, "user=1;p,k=v")];

    public static TheoryData<string, string> Dialects => new()
    {
        { "/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"hi"}]}""" },
        { "/v1/completions", """{"model":"m","prompt":"hi"}""" },
        { "/v1/responses", """{"model":"m","input":"hi"}""" },
        { "/v1/messages", """{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}""" },
        { "/v1/embeddings", """{"model":"m","input":"hi"}""" },
        { "/v1/files", "{}" },
    };

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task Traced_TheUpstreamsParentIsTheSpanThatAsksIt(string path, string body)
    {
        using var spans = new SpanRecorder();
        await using ScriptedUpstream upstream = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await StartAsync(upstream);
        await proxy.PostAsync(path, body, Sent);
        Activity asking = (await spans.WaitAsync("upstream")).Single(span => span.OperationName == "upstream");
        await Wait.UntilAsync(() => spans.Ended.Any(span => span.Kind == ActivityKind.Server), "the request's span");

        Activity server = spans.Ended.Single(span => span.Kind == ActivityKind.Server);
        Dictionary<string, string> headers = upstream.Requests.Single().Headers;
        Assert.Equal((Trace, "b7ad6b7169203331"), (server.TraceId.ToHexString(), server.ParentSpanId.ToHexString()));
        Assert.Equal(server.SpanId, asking.ParentSpanId);
        Assert.Equal($"00-{Trace}-{asking.SpanId.ToHexString()}-01", headers[TraceHeaders.Parent]);
        Assert.Equal(("vendor=a,other=b", "user=1;p,k=v"), (headers[TraceHeaders.State], headers[TraceHeaders.Baggage]));
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task NotTraced_TheClientsOwnPassesAsItIs(string path, string body)
    {
        await using ScriptedUpstream upstream = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await StartAsync(upstream);
        await proxy.PostAsync(path, body, Sent);

        Dictionary<string, string> headers = upstream.Requests.Single().Headers;
        Assert.Equal((Parent, "vendor=a,other=b", "user=1;p,k=v"), (headers[TraceHeaders.Parent], headers[TraceHeaders.State], headers[TraceHeaders.Baggage]));
    }

    [Fact]
    public async Task NotTraced_NoneIsMadeUp()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync();

        Assert.DoesNotContain(TraceHeaders.Parent, proxy.Upstream.Requests.Single().Headers.Keys);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")]
    [InlineData("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")]
    public async Task Parent_ThatIsNone_BeginsATrace(string parent)
    {
        using var spans = new SpanRecorder();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync(headers: [(TraceHeaders.Parent, parent), (TraceHeaders.State, "vendor=a")]);
        Activity server = (await spans.WaitAsync("POST /v1/chat/completions")).Single(span => span.Kind == ActivityKind.Server);

        Dictionary<string, string> headers = proxy.Upstream.Requests.Single().Headers;
        Assert.Equal(default, server.ParentSpanId);
        Assert.StartsWith($"00-{server.TraceId.ToHexString()}-", headers[TraceHeaders.Parent], StringComparison.Ordinal);
        Assert.DoesNotContain(TraceHeaders.State, headers.Keys);
    }

    [Fact]
    public async Task Client_ThatDoesNotSample_IsNotRecordedAndThatIsPassedOn()
    {
        using var spans = new SpanRecorder();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync(headers: (TraceHeaders.Parent, Parent[..^1] + "0"));

        string sent = proxy.Upstream.Requests.Single().Headers[TraceHeaders.Parent];
        Assert.StartsWith($"00-{Trace}-", sent, StringComparison.Ordinal);
        Assert.EndsWith("-00", sent, StringComparison.Ordinal);
        Assert.DoesNotContain(spans.Ended, span => span.Recorded);
    }

    [Fact]
    public async Task Followers_TheUpstreamSeesTheLeadersTraceOnly()
    {
        const string other = "11111111111111111111111111111111";
        using var spans = new SpanRecorder();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = async (context, _) =>
        {
            await go.Task.WaitAsync(context.RequestAborted);
            await Answers.ObjectAsync(context, "hello");
        };
        Task<Reply> leader = proxy.AskAsync(headers: (TraceHeaders.Parent, Parent));
        await Wait.UntilAsync(() => proxy.Upstream.Calls == 1, "the leader's call");
        Task<Reply> follower = proxy.AskAsync(headers: (TraceHeaders.Parent, $"00-{other}-b7ad6b7169203331-01"));
        await Wait.UntilAsync(() => proxy.Waiters == 2, "both wait");
        go.SetResult();
        await Task.WhenAll(leader, follower);
        Activity[] ended = await spans.WaitAsync("wait");

        Assert.Contains(Trace, proxy.Upstream.Requests.Single().Headers[TraceHeaders.Parent], StringComparison.Ordinal);
        Activity wait = ended.Single(span => span.OperationName == "wait");
        Assert.Equal((other, Trace), (wait.TraceId.ToHexString(), Assert.Single(wait.Links).Context.TraceId.ToHexString()));
    }

    // One that speaks every dialect.
    private static Task<ProxyUnderTest> StartAsync(ScriptedUpstream upstream) => ProxyUnderTest.StartAsync(Setup.For(
        [("all", upstream.Url)], ("0:Dialects", "chat,completions,embeddings,responses,messages")));
}
