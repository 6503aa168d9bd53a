using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Functional;

/// <summary>What an answer cost is known whether or not anybody records it.</summary>
public sealed class UsageTests : IAsyncLifetime
{
    private static readonly (string, string) s_noStore = ("Cache-Control", "no-store");

    private readonly ExchangeSpy _spy = new();
    private ProxyUnderTest _proxy = null!;

    public async ValueTask InitializeAsync()
        => _proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:MaxAnswerBytes"] = "4096" }, _spy.AddTo);

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData("no-store")]
    public async Task Object_OfAMiss_IsBilled(string? cacheControl)
    {
        await _proxy.AskAsync(headers: cacheControl is null ? [] : [("Cache-Control", cacheControl)]);

        await AssertBilledAsync(7, 3);
        Assert.Equal("m-2024", _spy.Last.BilledModel);
        // The default upstream is the bundled backend: a machine.
        Assert.True(_spy.Last.MachineSeconds >= 0);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("no-store")]
    public async Task Stream_WhoseClientDidNotAskForUsage_IsBilledAndHasNoneInIt(string? cacheControl)
    {
        _proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, ["a", "b"], usage: true);

        Reply reply = await _proxy.AskAsync(stream: true, headers: cacheControl is null ? [] : [("Cache-Control", cacheControl)]);

        Assert.Contains("include_usage", _proxy.Upstream.Requests.Single().Body);
        Assert.Equal(Answers.Stream("a", "b"), reply.Text);
        await AssertBilledAsync(7, 3);
    }

    [Fact]
    public async Task Stream_WhoseClientAskedForUsage_HasIt()
    {
        _proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, ["a"], usage: true);

        Reply reply = await _proxy.AskAsync(stream: true, extra: ""","stream_options":{"include_usage":true}""", headers: [s_noStore]);

        Assert.Contains(Answers.UsageChunk, reply.Text);
        await AssertBilledAsync(7, 3);
    }

    [Fact]
    public async Task Answer_TooLargeToKeep_IsBilled()
    {
        _proxy.Upstream.Script = (context, _) => Answers.ObjectAsync(context, new string('x', 100_000));

        await _proxy.AskAsync();

        await AssertBilledAsync(7, 3);
    }

    [Fact]
    public async Task Refusal_CostsNothing()
    {
        _proxy.Upstream.Script = (context, _) =>
        {
            context.Response.StatusCode = 400;
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync("""{"error":{"message":"no","type":"invalid_request_error"}}""", context.RequestAborted);
        };

        await _proxy.AskAsync(headers: s_noStore);

        Assert.Equal(TokenCounts.None, _spy.Last.Usage);
    }

    [Fact]
    public async Task Stream_ThatBreaksOff_IsOfUnknownCost()
    {
        _proxy.Upstream.Script = async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(Answers.Chunk("a")), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
        };

        await Assert.ThrowsAnyAsync<Exception>(() => _proxy.AskAsync(stream: true, headers: s_noStore));

        await Wait.UntilAsync(() => _spy.Count == 1, "the end of the answer");
        Assert.False(_spy.Last.Usage.IsKnown);
    }

    [Theory]
    [InlineData("""{"prompt_tokens":-7,"completion_tokens":3}""")]
    [InlineData("""{"prompt_tokens":"7","completion_tokens":3}""")]
    [InlineData("""{"prompt_tokens":7,"completion_tokens":999999999}""")]
    [InlineData("""{"prompt_tokens":7,"completion_tokens":1e400}""")]
    [InlineData("null")]
    [InlineData("7")]
    public async Task AbsurdUsage_IsUnknown_AndTheAnswerArrives(string usage)
    {
        _proxy.Upstream.Script = (context, _) =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(Answers.Object("hello").Replace("""{"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}""", usage, StringComparison.Ordinal), context.RequestAborted);
        };

        Reply reply = await _proxy.AskAsync();
        Assert.Contains("hello", reply.Text);
        await Wait.UntilAsync(() => _spy.Last.BilledModel is not null, "the end of the answer");
        Assert.False(_spy.Last.Usage.IsKnown);

        // Its hit saves what nobody knows either.
        Reply again = await _proxy.AskAsync();
        Assert.Contains("hit", again.CacheStatus);
        Assert.Equal(reply.Text, again.Text);
    }

    [Fact]
    public async Task Hit_HasNoBill()
    {
        await _proxy.AskAsync();
        await _proxy.AskAsync();

        Assert.Equal(CacheOutcome.Exact, _spy.Last.Outcome);
        Assert.Equal(TokenCounts.Unknown, _spy.Last.Usage);
        Assert.Null(_spy.Last.MachineSeconds);
    }

    // The client has its last byte before the upstream's connection says its end.
    private async Task AssertBilledAsync(long prompt, long completion)
    {
        await Wait.UntilAsync(() => _spy.Last.Usage.IsKnown, "the usage");
        Assert.Equal((prompt, completion), (_spy.Last.Usage.Prompt, _spy.Last.Usage.Completion));
    }
}
