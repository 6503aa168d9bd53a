using System.Text;
using CacheProxy.Protocol;
using CacheProxy.Tests.Functional.Admin;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Functional;

/// <summary>The four cases in which a shipped single-flight was measured to fail, and what follows from them: always one call upstream.</summary>
public class FlightTests
{
    private const int Followers = 8;
    private static readonly string[] Words = ["one ", "two ", "three ", "four"];

    [Fact]
    public async Task Leader_Leaving_LeavesTheAnswerToItsFollowers()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, Words, i => i == 1 ? go.Task.WaitAsync(context.RequestAborted) : Task.CompletedTask);
        using var leaving = new CancellationTokenSource();

        HttpResponseMessage leader = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true), cancellationToken: leaving.Token);
        Task<Reply>[] followers = await FollowAsync(proxy, stream: true);
        leader.Dispose();
        await leaving.CancelAsync();
        go.SetResult();
        Reply[] replies = await Task.WhenAll(followers);

        Assert.All(replies, reply => Assert.Equal(200, reply.Status));
        Assert.All(replies, reply => Assert.Equal(Answers.Stream(Words), reply.Text));
        Assert.All(replies, reply => Assert.Equal("CacheProxy; fwd=miss; collapsed", reply.CacheStatus));
        Assert.Equal(1, proxy.Upstream.Calls);
        Assert.Equal(0, proxy.Upstream.Aborted);
        Assert.StartsWith("CacheProxy; hit; detail=exact", (await proxy.AskAsync(stream: true)).CacheStatus);
    }

    [Fact]
    public async Task Leader_LeavingBeforeAnyByte_LeavesTheAnswerToItsFollowers()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = async (context, _) =>
        {
            await go.Task.WaitAsync(context.RequestAborted);
            await Answers.ObjectAsync(context, "late");
        };
        using var leaving = new CancellationTokenSource();

        Task<HttpResponseMessage> leader = proxy.BeginAsync(ProxyUnderTest.Question(), cancellationToken: leaving.Token);
        await Wait.UntilAsync(() => proxy.Upstream.Calls == 1, "the leader's call");
        Task<Reply>[] followers = await FollowAsync(proxy, stream: false);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leader);
        go.SetResult();
        Reply[] replies = await Task.WhenAll(followers);

        Assert.All(replies, reply => Assert.Equal(Answers.Object("late"), reply.Text));
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    public async Task Failure_IsSharedOnce(int status)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = async (context, _) =>
        {
            await go.Task.WaitAsync(context.RequestAborted);
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"error":{"message":"no","type":"t","param":null,"code":"c"}}""");
        };

        Task<Reply> leader = proxy.AskAsync();
        await Wait.UntilAsync(() => proxy.Upstream.Calls == 1, "the leader's call");
        Task<Reply>[] followers = await FollowAsync(proxy, stream: false);
        go.SetResult();
        Reply[] replies = await Task.WhenAll([leader, .. followers]);

        Assert.All(replies, reply => Assert.Equal(status, reply.Status));
        Assert.All(replies, reply => Assert.Equal("c", reply.ErrorCode));
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Failure_IsHeldForThoseWhoComeRightAfter_AndThenTriedAgain()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, call) =>
        {
            context.Response.StatusCode = call == 1 ? 500 : 200;
            return call == 1 ? Task.CompletedTask : Answers.ObjectAsync(context, "again");
        };

        await proxy.AskAsync();
        Reply held = await proxy.AskAsync();
        // The hold begins when the flight ends, a moment after its bytes have left.
        await Wait.UntilAsync(
            async () =>
            {
                proxy.Clock.Advance(TimeSpan.FromMilliseconds(300));
                return (await proxy.AskAsync()).Status == 200;
            },
            "the end of the hold");

        Assert.Equal(500, held.Status);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Followers_OfAStream_GetEachChunkAsItComes()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        TaskCompletionSource[] go = [.. Words.Select(_ => new TaskCompletionSource())];
        proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, Words, i => go[i].Task.WaitAsync(context.RequestAborted));

        HttpResponseMessage[] all = await Task.WhenAll(Enumerable.Range(0, 1 + Followers).Select(_ => proxy.BeginAsync(ProxyUnderTest.Question(stream: true))));
        Stream[] bodies = await Task.WhenAll(all.Select(response => response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)));
        for (int i = 0; i < Words.Length; i++)
        {
            go[i].SetResult();
            // The next chunk is not even made before everyone has this one.
            foreach (Stream body in bodies)
            {
                Assert.Equal(Answers.Chunk(Words[i]), await ReadAsync(body, Answers.Chunk(Words[i]).Length));
            }
        }

        Assert.Equal(1, proxy.Upstream.Calls);
        Array.ForEach(all, response => response.Dispose());
    }

    [Fact]
    public async Task Latecomer_ToAStream_GetsItFromTheBeginning()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, Words, i => i == 3 ? go.Task.WaitAsync(context.RequestAborted) : Task.CompletedTask);

        using HttpResponseMessage leader = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true));
        Stream body = await leader.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await ReadAsync(body, Words[..3].Sum(word => Answers.Chunk(word).Length));
        Task<Reply> late = proxy.AskAsync(stream: true);
        go.SetResult();

        Assert.Equal(Answers.Stream(Words), (await late).Text);
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task SlowLeader_DoesNotHoldUpItsFollowers()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        string[] words = [.. Enumerable.Repeat(new string('x', 32 * 1024), 300)];
        proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, words);

        // Reads nothing but the headers: with nearly 10 MB to come, its socket fills up and stays full.
        using HttpResponseMessage leader = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true));
        Reply follower = await proxy.AskAsync(stream: true);

        Assert.Equal(Answers.Stream(words), follower.Text);
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Everybody_Leaving_StopsTheUpstream()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, Words, i => i == 1 ? Task.Delay(Timeout.Infinite, context.RequestAborted) : Task.CompletedTask);
        using var leaving = new CancellationTokenSource();

        HttpResponseMessage[] all = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => proxy.BeginAsync(ProxyUnderTest.Question(stream: true), cancellationToken: leaving.Token)));
        Array.ForEach(all, response => response.Dispose());
        await Wait.UntilAsync(() => proxy.Upstream.Aborted == 1, "the upstream's work to be stopped");
        proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, ["anew"]);
        Reply next = await proxy.AskAsync(stream: true);

        Assert.Equal("CacheProxy; fwd=miss; stored", next.CacheStatus);
        Assert.Equal(Answers.Stream("anew"), next.Text);
        Assert.Equal(2, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Everybody_LeavingWithFinishAbandoned_GetsTheAnswerStoredAllTheSame()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Flight:FinishAbandoned"] = "true" });
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, Words, i => i == 1 ? go.Task.WaitAsync(context.RequestAborted) : Task.CompletedTask);

        HttpResponseMessage leader = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true));
        leader.Dispose();
        go.SetResult();
        await Wait.UntilAsync(async () => (await proxy.AskAsync(stream: true)).CacheStatus!.Contains("hit"), "the answer to be stored");

        Assert.Equal(1, proxy.Upstream.Calls);
        Assert.Equal(0, proxy.Upstream.Aborted);
    }

    [Fact]
    public async Task Object_AskedWhileItsStreamIsUnderWay_WaitsForThat()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, Words, _ => go.Task.WaitAsync(context.RequestAborted), usage: true);

        using HttpResponseMessage leader = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true, extra: ",\"stream_options\":{\"include_usage\":true}"));
        Task<Reply> follower = proxy.AskAsync();
        await Wait.UntilAsync(() => proxy.Flights >= 1, "the flight");
        go.SetResult();
        Reply reply = await follower;

        Assert.Contains(reply.CacheStatus, (string[])["CacheProxy; fwd=miss; collapsed", "CacheProxy; hit; detail=exact; ttl=3600"]);
        Assert.Equal("one two three four", reply.Json.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(1, proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Stream_AskedWhileAnObjectIsUnderWay_DoesNotWaitForItsLastByte()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = async (context, call) =>
        {
            if (call == 2)
            {
                await Answers.StreamAsync(context, Words);
                return;
            }

            await go.Task.WaitAsync(context.RequestAborted);
            await Answers.ObjectAsync(context, "slow");
        };

        Task<Reply> first = proxy.AskAsync();
        await Wait.UntilAsync(() => proxy.Upstream.Calls == 1, "the first call");
        Reply stream = await proxy.AskAsync(stream: true);
        go.SetResult();
        await first;

        Assert.Equal(Answers.Stream(Words), stream.Text);
    }

    [Fact]
    public async Task Identical_RequestsWithFlightOff_AllGoUpstream()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Flight:Enabled"] = "false" });
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = async (context, _) =>
        {
            await go.Task.WaitAsync(context.RequestAborted);
            await Answers.ObjectAsync(context, "x");
        };

        Task<Reply>[] all = [.. Enumerable.Range(0, 3).Select(_ => proxy.AskAsync())];
        await Wait.UntilAsync(() => proxy.Upstream.Calls == 3, "three calls");
        go.SetResult();

        Assert.All(await Task.WhenAll(all), reply => Assert.Equal("CacheProxy; fwd=miss; stored", reply.CacheStatus));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Entry_OfAnAnswerThatOthersReadAlong_HasTheirTagsAndTheirShortestTtl(bool stream)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = async (context, _) =>
        {
            await go.Task.WaitAsync(context.RequestAborted);
            await (stream ? Answers.StreamAsync(context, Words) : Answers.ObjectAsync(context, "x"));
        };

        Task<Reply> leader = proxy.AskAsync(stream: stream, headers: (HeaderNames.Tags, "a"));
        await Wait.UntilAsync(() => proxy.Upstream.Calls == 1, "the leader's call");
        Task<Reply> tagged = proxy.AskAsync(stream: stream, headers: [(HeaderNames.Tags, "a,b"), (HeaderNames.Ttl, "60")]);
        Task<Reply> other = proxy.AskAsync(stream: stream, headers: [(HeaderNames.Tags, "c"), (HeaderNames.Ttl, "90")]);
        // Stores nothing, so that its wishes are nothing to the entry.
        Task<Reply> noStore = proxy.AskAsync(stream: stream, headers: [(HeaderNames.Tags, "d"), (HeaderNames.Ttl, "1"), ("Cache-Control", "no-store")]);
        await Wait.UntilAsync(() => proxy.Waiters == 3 && proxy.Upstream.Calls == 2, "all to wait");
        go.SetResult();
        await Task.WhenAll(leader, tagged, other, noStore);
        await proxy.StoredAsync(1);

        foreach ((string tag, int count) in new[] { ("a", 1), ("b", 1), ("c", 1), ("d", 0) })
        {
            Reply counted = await proxy.ActAsync("/admin/purge", $$"""{"tag":"{{tag}}"}""");
            Assert.All(counted.Json.GetProperty("tiers").EnumerateArray(), tier => Assert.Equal(count, tier.GetProperty("count").GetInt32()));
        }

        Assert.Equal("CacheProxy; hit; detail=exact; ttl=60", (await proxy.AskAsync(stream: stream)).CacheStatus);
    }

    private static async Task<Task<Reply>[]> FollowAsync(ProxyUnderTest proxy, bool stream)
    {
        Task<Reply>[] followers = [.. Enumerable.Range(0, Followers).Select(_ => proxy.AskAsync(stream: stream))];
        await Wait.UntilAsync(() => proxy.Waiters > Followers, "the followers to join the leader");
        return followers;
    }

    private static async Task<string> ReadAsync(Stream body, int length)
    {
        byte[] bytes = new byte[length];
        await body.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(bytes);
    }
}
