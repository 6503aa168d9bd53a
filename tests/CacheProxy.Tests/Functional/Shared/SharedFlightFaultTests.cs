using System.Diagnostics;
using System.Text;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Functional.Shared;

/// <summary>A leader's proxy or the Redis between the proxies dies, hangs or is slow: it costs time, at most a cut stream, never a mixed answer.</summary>
public class SharedFlightFaultTests
{
    private static readonly string[] Words = ["one ", "two ", "three ", "four"];

    [Fact]
    public async Task LeadersProxy_KilledBeforeTheFirstByte_IsReplacedByOneOfTheOthers()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2);
        fleet.Upstream.Script = (context, call) => call == 1 ? Task.Delay(Timeout.Infinite, context.RequestAborted) : Answers.StreamAsync(context, Words);
        using ProxyProcess leader = await ProxyProcess.StartAsync(fleet);

        Task<HttpResponseMessage> first = leader.BeginAsync(ProxyUnderTest.Question(stream: true));
        await Wait.UntilAsync(() => fleet.Upstream.Calls == 1, "the leader's call");
        Task<Reply>[] followers = [.. fleet.Proxies.Select(proxy => proxy.AskAsync(stream: true))];
        await Wait.UntilAsync(() => fleet.Proxies.All(proxy => proxy.Waiters >= 1), "the followers");
        Assert.Equal(1, fleet.Upstream.Calls);
        leader.Kill();

        Assert.All(await Task.WhenAll(followers), reply => Assert.Equal(Answers.Stream(Words), reply.Text));
        Assert.InRange(fleet.Upstream.Calls, 2, 3);
        await Assert.ThrowsAnyAsync<Exception>(() => first);
    }

    [Fact]
    public async Task LeadersProxy_KilledInMidStream_CutsTheOthersCleanly()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2);
        fleet.Upstream.Script = (context, call) => Answers.StreamAsync(
            context, call == 1 ? Words : ["another"], i => call == 1 && i == 2 ? Task.Delay(Timeout.Infinite, context.RequestAborted) : Task.CompletedTask);
        using ProxyProcess leader = await ProxyProcess.StartAsync(fleet);

        using HttpResponseMessage first = await leader.BeginAsync(ProxyUnderTest.Question(stream: true));
        using HttpResponseMessage follower = await fleet[0].BeginAsync(ProxyUnderTest.Question(stream: true));
        Stream body = await follower.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        string beginning = Answers.Chunk(Words[0]) + Answers.Chunk(Words[1]);
        Assert.Equal(beginning, await ReadAsync(body, beginning.Length));
        leader.Kill();

        // Nothing of another answer follows: the connection ends without the stream's end.
        await Assert.ThrowsAnyAsync<IOException>(async () => await body.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, TestContext.Current.CancellationToken));
        await Wait.UntilAsync(() => fleet.Proxies.All(proxy => proxy.Flights == 0), "the tables to be empty");
        Assert.Equal(Answers.Stream("another"), (await fleet[1].AskAsync(stream: true)).Text);
        Assert.Equal(2, fleet.Upstream.Calls);
    }

    [Fact]
    public async Task Redis_KilledBeforeTheFirstByte_LeavesEachProxyToItself()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2);
        var go = new TaskCompletionSource();
        fleet.Upstream.Script = async (context, _) =>
        {
            await go.Task.WaitAsync(context.RequestAborted);
            await Answers.StreamAsync(context, Words);
        };

        Task<Reply> leader = fleet[0].AskAsync(stream: true);
        await Wait.UntilAsync(() => fleet.Upstream.Calls == 1, "the call");
        Task<Reply> follower = fleet[1].AskAsync(stream: true);
        await Wait.UntilAsync(() => fleet[1].Waiters == 1, "the follower");
        await fleet.Redis.KillAsync();
        await Wait.UntilAsync(() => fleet.Upstream.Calls == 2, "the follower's own call");
        go.SetResult();

        Assert.Equal(Answers.Stream(Words), (await leader).Text);
        Assert.Equal(Answers.Stream(Words), (await follower).Text);
        await Wait.UntilAsync(() => fleet.Proxies.All(proxy => proxy is { Flights: 0, Waiters: 0 }), "the tables to be empty");
    }

    [Fact]
    public async Task Redis_KilledInMidStream_CostsTheLeadersClientsNothing()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2);
        var go = new TaskCompletionSource();
        fleet.Upstream.Script = (context, _) => Answers.StreamAsync(context, Words, i => i == 2 ? go.Task.WaitAsync(context.RequestAborted) : Task.CompletedTask);

        Task<Reply> leader = fleet[0].AskAsync(stream: true);
        await Wait.UntilAsync(() => fleet.Upstream.Calls == 1, "the call");
        using HttpResponseMessage follower = await fleet[1].BeginAsync(ProxyUnderTest.Question(stream: true));
        Stream body = await follower.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        string beginning = Answers.Chunk(Words[0]) + Answers.Chunk(Words[1]);
        Assert.Equal(beginning, await ReadAsync(body, beginning.Length));
        await fleet.Redis.KillAsync();
        await Assert.ThrowsAnyAsync<IOException>(async () => await body.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, TestContext.Current.CancellationToken));
        go.SetResult();

        Assert.Equal(Answers.Stream(Words), (await leader).Text);
        await Wait.UntilAsync(() => fleet.Proxies.All(proxy => proxy is { Flights: 0, Waiters: 0 }), "the tables to be empty");
    }

    [Fact]
    public async Task Redis_ThatHangs_CostsAtMostItsBudget()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2, new() { ["Redis:BudgetMilliseconds"] = "50" });
        fleet.Upstream.Script = (context, _) => Answers.StreamAsync(context, Words);
        await fleet[0].AskAsync("warm", stream: true);
        await fleet[1].AskAsync("warm too", stream: true);
        await fleet.Redis.StallAsync();
        try
        {
            long start = Stopwatch.GetTimestamp();
            Reply[] replies = await Task.WhenAll(fleet.Proxies.SelectMany(proxy => Enumerable.Range(0, 5).Select(_ => proxy.AskAsync("cold", stream: true))));

            Assert.All(replies, reply => Assert.Equal(Answers.Stream(Words), reply.Text));
            // A look-up and a claim, each within its budget; the rest is room for a busy machine.
            Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 3);
            Assert.InRange(fleet.Upstream.Calls, 4, 4);
        }
        finally
        {
            await fleet.Redis.ContinueAsync();
        }
    }

    private static async Task<string> ReadAsync(Stream body, int length)
    {
        byte[] bytes = new byte[length];
        await body.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(bytes);
    }
}
