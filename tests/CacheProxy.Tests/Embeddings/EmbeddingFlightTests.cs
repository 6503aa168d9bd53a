using CacheProxy.Protocol;
using CacheProxy.Tests.Functional;
using CacheProxy.Tests.Functional.Admin;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Embeddings;

public class EmbeddingFlightTests
{
    [Fact]
    public async Task OverlappingBatches_SendEachTextOnce()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        var gate = new TaskCompletionSource();
        sut.Script = async (context, body, _) =>
        {
            await gate.Task.WaitAsync(context.RequestAborted);
            await EmbeddingUpstream.AnswerAsync(context, body);
        };

        Task<Reply> first = sut.AskAsync(new[] { "a", "b" });
        await Wait.UntilAsync(() => sut.Flights == 2, "the first batch");
        Task<Reply> second = sut.AskAsync(new[] { "b", "c" });
        await Wait.UntilAsync(() => sut.Flights == 3, "the second batch");
        Task<Reply> third = sut.AskAsync(new[] { "c", "a" }, ",\"encoding_format\":\"base64\"");
        await Wait.UntilAsync(() => sut.Proxy.Upstream.Calls == 2 && sut.Waiters == 5, "two calls, of which one has two followers and one has one");
        gate.SetResult();
        Reply[] replies = await Task.WhenAll(first, second, third);

        Assert.Equal([["a", "b"], ["c"]], sut.Sent.OrderBy(call => call[0]));
        Assert.Equal([EmbeddingUpstream.Vector("b"), EmbeddingUpstream.Vector("c")], replies[1].Vectors());
        Assert.Equal([EmbeddingUpstream.Vector("c"), EmbeddingUpstream.Vector("a")], replies[2].Vectors());
        Assert.Equal(["CacheProxy; fwd=miss; stored", "CacheProxy; fwd=miss; stored", "CacheProxy; fwd=miss; collapsed"], replies.Select(reply => reply.CacheStatus));
        await sut.SettleAsync();
        Assert.Equal("3/3", (await sut.AskAsync(new[] { "a", "b", "c" })).Inputs());
        Assert.Equal(2, sut.Proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Entries_OfAFlightThatOthersJoined_HaveTheirTagsAndTheirShortestTtl()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        var gate = new TaskCompletionSource();
        sut.Script = async (context, body, _) =>
        {
            await gate.Task.WaitAsync(context.RequestAborted);
            await EmbeddingUpstream.AnswerAsync(context, body);
        };

        Task<Reply> leader = sut.AskAsync("a", headers: (HeaderNames.Tags, "x"));
        await Wait.UntilAsync(() => sut.Proxy.Upstream.Calls == 1, "the call");
        Task<Reply> follower = sut.AskAsync("a", headers: [(HeaderNames.Tags, "y"), (HeaderNames.Ttl, "60")]);
        await Wait.UntilAsync(() => sut.Waiters == 2, "the follower");
        gate.SetResult();
        await Task.WhenAll(leader, follower);
        await sut.SettleAsync();

        Assert.Equal("CacheProxy; hit; detail=exact; ttl=60", (await sut.AskAsync("a")).CacheStatus);
        Reply counted = await sut.Proxy.ActAsync("/admin/purge", """{"tag":"y"}""");
        Assert.All(counted.Json.GetProperty("tiers").EnumerateArray(), tier => Assert.Equal(1, tier.GetProperty("count").GetInt32()));
    }

    [Fact]
    public async Task ManyAtOnce_AskTheUpstreamOnce()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        string[] texts = [.. Enumerable.Range(0, 20).Select(i => $"t{i}")];

        Reply[] replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => sut.AskAsync(texts)));

        Assert.Equal(1, sut.Proxy.Upstream.Calls);
        Assert.All(replies, reply => Assert.Equal(texts.Select(text => EmbeddingUpstream.Vector(text)), reply.Vectors()));
        await sut.SettleAsync();
    }

    [Fact]
    public async Task Leader_ThatLeaves_DoesNotCancelWhatOthersWaitFor()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        var gate = new TaskCompletionSource();
        sut.Script = async (context, body, _) =>
        {
            await gate.Task.WaitAsync(context.RequestAborted);
            await EmbeddingUpstream.AnswerAsync(context, body);
        };
        using var leaves = new CancellationTokenSource();

        Task<Reply> leader = sut.SendAsync("""{"model":"m","input":["a","b"]}""", cancellationToken: leaves.Token);
        await Wait.UntilAsync(() => sut.Proxy.Upstream.Calls == 1, "the call");
        Task<Reply> follower = sut.AskAsync("b");
        await Wait.UntilAsync(() => sut.Waiters == 2, "the follower");
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leader);
        await Wait.UntilAsync(() => sut.Waiters == 1, "the leader to be gone");
        gate.SetResult();

        Assert.Equal([EmbeddingUpstream.Vector("b")], (await follower).Vectors());
        Assert.Equal(1, sut.Proxy.Upstream.Calls);
        Assert.Equal(0, sut.Proxy.Upstream.Aborted);
    }

    [Fact]
    public async Task Everybody_Leaving_StopsTheUpstream()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        sut.Script = (context, _, _) => Task.Delay(Timeout.Infinite, context.RequestAborted);
        using var leaves = new CancellationTokenSource();

        Task<Reply> leader = sut.SendAsync("""{"model":"m","input":["a","b"]}""", cancellationToken: leaves.Token);
        await Wait.UntilAsync(() => sut.Proxy.Upstream.Calls == 1, "the call");
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leader);

        await Wait.UntilAsync(() => sut.Proxy.Upstream.Aborted == 1, "the upstream to be told");
        await sut.SettleAsync();
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    public async Task Failure_ReachesAllOnce(int status)
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        var gate = new TaskCompletionSource();
        sut.Script = async (context, _, _) =>
        {
            await gate.Task.WaitAsync(context.RequestAborted);
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"error":{"message":"no"}}""");
        };

        Task<Reply> leader = sut.AskAsync(new[] { "a", "b" });
        await Wait.UntilAsync(() => sut.Flights == 2, "the leader");
        Task<Reply> follower = sut.AskAsync("b");
        await Wait.UntilAsync(() => sut.Waiters == 2, "the follower");
        gate.SetResult();
        Reply[] replies = await Task.WhenAll(leader, follower);
        Reply late = await sut.AskAsync("a");

        Assert.All([.. replies, late], reply => Assert.Equal((status, """{"error":{"message":"no"}}"""), (reply.Status, reply.Text)));
        Assert.Equal(1, sut.Proxy.Upstream.Calls);
        sut.Proxy.Clock.Advance(TimeSpan.FromMilliseconds(300));
        await sut.SettleAsync();
        await sut.AskAsync("a");
        Assert.Equal(2, sut.Proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Refusal_OfAnothersInput_IsNotTheFollowers()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        var gate = new TaskCompletionSource();
        sut.Script = async (context, body, _) =>
        {
            await gate.Task.WaitAsync(context.RequestAborted);
            if (EmbeddingUpstream.InputsOf(body).Contains(""))
            {
                context.Response.StatusCode = 400;
                await context.Response.WriteAsync("empty");
                return;
            }

            await EmbeddingUpstream.AnswerAsync(context, body);
        };

        Task<Reply> leader = sut.AskAsync(new[] { "", "b" });
        await Wait.UntilAsync(() => sut.Flights == 2, "the leader");
        Task<Reply> follower = sut.AskAsync("b");
        await Wait.UntilAsync(() => sut.Waiters == 2, "the follower");
        gate.SetResult();

        Assert.Equal((400, "empty"), ((await leader).Status, (await leader).Text));
        Assert.Equal([EmbeddingUpstream.Vector("b")], (await follower).Vectors());
    }
}
