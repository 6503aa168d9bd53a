using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Functional;

/// <summary>One question asked in several forms at the same time: with and without usage, as a stream and as an object.</summary>
public class FlightFormTests
{
    private const string AskUsage = ",\"stream_options\":{\"include_usage\":true}";
    private static readonly string[] Words = ["one ", "two ", "three"];

    private static string StreamWithUsage => Answers.Stream(Words)[..^Answers.Done.Length] + Answers.UsageChunk + Answers.Done;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_SharedWithOneWhoAskedForUsage_LacksItsChunk(bool whileUnderWay)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, Words, i => i == 1 ? go.Task.WaitAsync(context.RequestAborted) : Task.CompletedTask, usage: true);

        Task<Reply> asks = proxy.AskAsync(stream: true, extra: AskUsage);
        await Wait.UntilAsync(() => proxy.Upstream.Calls == 1, "the first call");
        if (!whileUnderWay)
        {
            go.SetResult();
            await asks;
        }

        Task<Reply> asksNot = proxy.AskAsync(stream: true);
        await Wait.UntilAsync(() => !whileUnderWay || proxy.Waiters == 2, "the second to join");
        go.TrySetResult();

        Assert.Equal(StreamWithUsage, (await asks).Text);
        Assert.Equal(Answers.Stream(Words), (await asksNot).Text);
        Assert.Equal(whileUnderWay ? "CacheProxy; fwd=miss; collapsed" : "CacheProxy; hit; detail=exact; ttl=3600", (await asksNot).CacheStatus);
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Stream_AskedWithoutUsage_IsRecordedWithIt()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, call) => Answers.StreamAsync(
            context, Words, usage: proxy.Upstream.Requests.ElementAt(call - 1).Body.Contains("\"include_usage\":true", StringComparison.Ordinal));

        Reply stream = await proxy.AskAsync(stream: true);
        Reply again = await proxy.AskAsync(stream: true);
        Reply withUsage = await proxy.AskAsync(stream: true, extra: AskUsage);
        Reply whole = await proxy.AskAsync();

        Assert.Equal(Answers.Stream(Words), stream.Text);
        Assert.Equal(Answers.Stream(Words), again.Text);
        Assert.Equal(StreamWithUsage, withUsage.Text);
        Assert.Equal(7, whole.Json.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.All([again, withUsage, whole], reply => Assert.StartsWith("CacheProxy; hit; detail=exact", reply.CacheStatus));
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Object_WaitingForAStreamThatFails_SharesTheFailure()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = async (context, _) =>
        {
            await go.Task.WaitAsync(context.RequestAborted);
            context.Response.StatusCode = 500;
        };

        Task<Reply> stream = proxy.AskAsync(stream: true, extra: AskUsage);
        await Wait.UntilAsync(() => proxy.Upstream.Calls == 1, "the call");
        Task<Reply>[] objects = [.. Enumerable.Range(0, 5).Select(_ => proxy.AskAsync())];
        await Wait.UntilAsync(() => proxy.Waiters == 6, "all to wait");
        go.SetResult();
        await stream;

        Assert.All(await Task.WhenAll(objects), reply => Assert.Equal(500, reply.Status));
        // And for a while to come.
        Assert.Equal(500, (await proxy.AskAsync()).Status);
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Object_WaitingForAStreamThatBreaksOff_AsksByItselfOnceForAll()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = async (context, call) =>
        {
            if (call > 1)
            {
                await Answers.ObjectAsync(context, "whole");
                return;
            }

            await Answers.StreamAsync(context, Words, i => i == 1 ? go.Task.WaitAsync(context.RequestAborted) : Task.CompletedTask, done: false);
            context.Abort();
        };

        using HttpResponseMessage stream = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true, extra: AskUsage));
        Task<Reply>[] objects = [.. Enumerable.Range(0, 5).Select(_ => proxy.AskAsync())];
        await Wait.UntilAsync(() => proxy.Waiters == 6, "all to wait");
        go.SetResult();

        Assert.All(await Task.WhenAll(objects), reply => Assert.Equal(Answers.Object("whole"), reply.Text));
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Object_WaitingForAStreamWhoseClientLeaves_KeepsItGoing()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, Words, i => i == 1 ? go.Task.WaitAsync(context.RequestAborted) : Task.CompletedTask, usage: true);

        HttpResponseMessage stream = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true, extra: AskUsage));
        Task<Reply> waiting = proxy.AskAsync();
        await Wait.UntilAsync(() => proxy.Waiters == 2, "both to wait");
        stream.Dispose();
        await Wait.UntilAsync(() => proxy.Waiters == 1, "one to leave");
        go.SetResult();

        Assert.Equal("CacheProxy; fwd=miss; collapsed", (await waiting).CacheStatus);
        Assert.Equal(200, (await waiting).Status);
        Assert.Equal(1, proxy.Upstream.Calls);
        Assert.Equal(0, proxy.Upstream.Aborted);
    }
}
