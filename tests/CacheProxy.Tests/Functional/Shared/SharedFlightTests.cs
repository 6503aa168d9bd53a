using System.Text;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Functional.Shared;

/// <summary>Proxies that share a Redis join each other's requests: one upstream call for all of them.</summary>
public class SharedFlightTests
{
    private const int ClientsEach = 8;
    private const string AskUsage = ",\"stream_options\":{\"include_usage\":true}";
    private static readonly string[] Words = ["one ", "two ", "three ", "four"];

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(3, false)]
    public async Task Clients_OfAllProxies_ShareOneUpstreamCall(int proxies, bool isStream)
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(proxies);
        var go = new TaskCompletionSource();
        fleet.Upstream.Script = async (context, _) =>
        {
            if (isStream)
            {
                await Answers.StreamAsync(context, Words, i => i == 1 ? go.Task.WaitAsync(context.RequestAborted) : Task.CompletedTask);
                return;
            }

            await go.Task.WaitAsync(context.RequestAborted);
            await Answers.ObjectAsync(context, "once");
        };

        Task<Reply>[] clients = [.. fleet.Proxies.SelectMany(proxy => Enumerable.Range(0, ClientsEach).Select(_ => proxy.AskAsync(stream: isStream)))];
        // One more where the answer is made: it is written for the others too.
        await Wait.UntilAsync(() => fleet.Proxies.All(proxy => proxy.Waiters >= ClientsEach) && fleet.Proxies.Sum(proxy => proxy.Waiters) > clients.Length, "all to wait");
        await Wait.UntilAsync(() => fleet.Upstream.Calls == 1, "the call");
        go.SetResult();
        Reply[] replies = await Task.WhenAll(clients);

        string expected = isStream ? Answers.Stream(Words) : Answers.Object("once");
        Assert.All(replies, reply => Assert.Equal(expected, reply.Text));
        Assert.Single(replies, reply => reply.CacheStatus == "CacheProxy; fwd=miss; stored");
        Assert.Equal(replies.Length - 1, replies.Count(reply => reply.CacheStatus == "CacheProxy; fwd=miss; collapsed"));
        Assert.Equal(1, fleet.Upstream.Calls);
        await Wait.UntilAsync(() => fleet.Proxies.All(proxy => proxy is { Flights: 0, Waiters: 0 }), "the tables to be empty");
    }

    [Fact]
    public async Task Follower_OnAnotherProxy_GetsEachChunkAsItComes()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2);
        TaskCompletionSource[] go = [.. Words.Select(_ => new TaskCompletionSource())];
        fleet.Upstream.Script = (context, _) => Answers.StreamAsync(context, Words, i => go[i].Task.WaitAsync(context.RequestAborted));

        using HttpResponseMessage leader = await fleet[0].BeginAsync(ProxyUnderTest.Question(stream: true));
        using HttpResponseMessage follower = await fleet[1].BeginAsync(ProxyUnderTest.Question(stream: true));
        Stream body = await follower.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        for (int i = 0; i < Words.Length; i++)
        {
            go[i].SetResult();
            Assert.Equal(Answers.Chunk(Words[i]), await ReadAsync(body, Answers.Chunk(Words[i]).Length));
        }

        Assert.Equal(1, fleet.Upstream.Calls);
    }

    [Fact]
    public async Task Leader_LeavingItsProxy_LeavesTheAnswerToTheOtherProxys()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2);
        var go = new TaskCompletionSource();
        fleet.Upstream.Script = (context, _) => Answers.StreamAsync(context, Words, i => i == 1 ? go.Task.WaitAsync(context.RequestAborted) : Task.CompletedTask);

        HttpResponseMessage leader = await fleet[0].BeginAsync(ProxyUnderTest.Question(stream: true));
        Task<Reply> follower = fleet[1].AskAsync(stream: true);
        await Wait.UntilAsync(() => fleet[1].Waiters == 1, "the follower");
        leader.Dispose();
        // Longer than the lease: the leader's proxy has asked whether anybody waits.
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        go.SetResult();

        Assert.Equal(Answers.Stream(Words), (await follower).Text);
        Assert.Equal(1, fleet.Upstream.Calls);
        Assert.Equal(0, fleet.Upstream.Aborted);
    }

    [Fact]
    public async Task Everybody_Leaving_StopsTheUpstream()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2);
        fleet.Upstream.Script = (context, _) => Answers.StreamAsync(context, Words, i => i == 1 ? Task.Delay(Timeout.Infinite, context.RequestAborted) : Task.CompletedTask);

        HttpResponseMessage leader = await fleet[0].BeginAsync(ProxyUnderTest.Question(stream: true));
        HttpResponseMessage follower = await fleet[1].BeginAsync(ProxyUnderTest.Question(stream: true));
        leader.Dispose();
        follower.Dispose();

        await Wait.UntilAsync(() => fleet.Upstream.Aborted == 1, "the upstream's work to be stopped");
        await Wait.UntilAsync(() => fleet.Proxies.All(proxy => proxy.Flights == 0), "the tables to be empty");
    }

    [Fact]
    public async Task Failure_IsSharedByAllProxies()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(3, new() { ["Flight:FailureHoldMilliseconds"] = "5000" });
        var go = new TaskCompletionSource();
        fleet.Upstream.Script = async (context, _) =>
        {
            await go.Task.WaitAsync(context.RequestAborted);
            context.Response.StatusCode = 500;
        };

        Task<Reply>[] clients = [.. fleet.Proxies.Select(proxy => proxy.AskAsync())];
        await Wait.UntilAsync(() => fleet.Proxies.All(proxy => proxy.Waiters >= 1), "all to wait");
        go.SetResult();

        Assert.All(await Task.WhenAll(clients), reply => Assert.Equal(500, reply.Status));
        Assert.All(await Task.WhenAll(fleet.Proxies.Select(proxy => proxy.AskAsync())), reply => Assert.Equal(500, reply.Status));
        Assert.Equal(1, fleet.Upstream.Calls);
    }

    [Fact]
    public async Task Request_OnAnotherProxyRightAfterAnAnswer_NeverGoesUpstream()
    {
        const int Questions = 20;
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2);
        fleet.Upstream.Script = (context, call) => Answers.StreamAsync(context, [$"answer {call}"]);

        for (int i = 0; i < Questions; i++)
        {
            await fleet[0].AskAsync($"question {i}", stream: true);
            Assert.Equal(200, (await fleet[1].AskAsync($"question {i}", stream: true)).Status);
        }

        Assert.Equal(Questions, fleet.Upstream.Calls);
    }

    [Fact]
    public async Task Usage_IsOnlyForThoseWhoAskedForIt_OnAnyProxy()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2);
        var go = new TaskCompletionSource();
        fleet.Upstream.Script = (context, _) => Answers.StreamAsync(context, Words, i => i == 1 ? go.Task.WaitAsync(context.RequestAborted) : Task.CompletedTask, usage: true);

        using HttpResponseMessage leader = await fleet[0].BeginAsync(ProxyUnderTest.Question(stream: true, extra: AskUsage));
        Task<Reply> follower = fleet[1].AskAsync(stream: true);
        await Wait.UntilAsync(() => fleet[1].Waiters == 1, "the follower");
        go.SetResult();

        Assert.Equal(Answers.Stream(Words), (await follower).Text);
        Assert.EndsWith(Answers.UsageChunk + Answers.Done, await leader.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1, fleet.Upstream.Calls);
    }

    [Fact]
    public async Task Proxies_WithSharingOff_EachAskForThemselves()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2, new() { ["Flight:Shared"] = "false" });
        var go = new TaskCompletionSource();
        fleet.Upstream.Script = async (context, _) =>
        {
            await go.Task.WaitAsync(context.RequestAborted);
            await Answers.ObjectAsync(context, "x");
        };

        Task<Reply>[] clients = [.. fleet.Proxies.Select(proxy => proxy.AskAsync())];
        await Wait.UntilAsync(() => fleet.Upstream.Calls == 2, "two calls");
        go.SetResult();
        await Task.WhenAll(clients);
    }

    private static async Task<string> ReadAsync(Stream body, int length)
    {
        byte[] bytes = new byte[length];
        await body.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(bytes);
    }
}
