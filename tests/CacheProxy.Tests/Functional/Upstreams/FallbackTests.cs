using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Functional.Upstreams;

public class FallbackTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(429)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(529)]
    public async Task First_ThatCannotAnswer_IsFollowedByTheNext(int status)
    {
        await using ScriptedUpstream first = await ScriptedUpstream.StartAsync();
        await using ScriptedUpstream next = await ScriptedUpstream.StartAsync();
        first.Script = (context, _) => AnswerAsync(context, status);
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For(
            [("a", status == 0 ? Setup.ClosedPort() : first.Url), ("b", next.Url)], Setup.Fallbacks("a", "b")));

        Reply reply = await proxy.AskAsync();

        Assert.Equal(200, reply.Status);
        Assert.Equal(Answers.Object("hello"), reply.Text);
        Assert.Equal("CacheProxy; fwd=miss; stored", reply.CacheStatus);
        Assert.Equal(1, next.Calls);
        Assert.Equal(ProxyUnderTest.Question(), next.Requests.Single().Body);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(500)]
    public async Task Answer_ThatNobodyElseWouldMend_IsTheClients(int status)
    {
        await using ScriptedUpstream first = await ScriptedUpstream.StartAsync();
        await using ScriptedUpstream next = await ScriptedUpstream.StartAsync();
        first.Script = (context, _) => AnswerAsync(context, status);
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("a", first.Url), ("b", next.Url)], Setup.Fallbacks("a", "b")));

        Assert.Equal(status, (await proxy.AskAsync()).Status);
        Assert.Equal(0, next.Calls);
    }

    [Theory]
    [InlineData("false", "CacheProxy; fwd=miss")]
    [InlineData("true", "CacheProxy; fwd=miss; stored")]
    public async Task Answer_OfAnotherModel_IsNotStored(string sameModel, string status)
    {
        await using ScriptedUpstream next = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For(
            [("a", Setup.ClosedPort()), ("b", next.Url)],
            [.. Setup.Fallbacks("a", "b"), ("Routes:0:Fallbacks:0:Model", "smaller"), ("Routes:0:Fallbacks:0:SameModel", sameModel)]));

        Reply first = await proxy.AskAsync();
        Reply second = await proxy.AskAsync();

        Assert.Equal(status, first.CacheStatus);
        Assert.Equal(sameModel == "true", second.CacheStatus!.Contains("hit"));
        Assert.Contains("\"model\":\"smaller\"", next.Requests.First().Body);
    }

    [Fact]
    public async Task All_ThatFail_AreOneErrorThatNamesTheLast_AndSaysWhenToComeAgain()
    {
        await using ScriptedUpstream first = await ScriptedUpstream.StartAsync();
        first.Script = (context, _) =>
        {
            context.Response.Headers.RetryAfter = "17";
            return AnswerAsync(context, 429);
        };
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("a", first.Url), ("b", Setup.ClosedPort())], Setup.Fallbacks("a", "b")));

        using HttpResponseMessage reply = await proxy.BeginAsync(ProxyUnderTest.Question());

        Assert.Equal(502, (int)reply.StatusCode);
        Assert.Equal("17", reply.Headers.RetryAfter!.ToString());
        string text = await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("'b' cannot be reached", text);
        Assert.DoesNotContain("127.0.0.1", text);
    }

    [Fact]
    public async Task Last_ThatIsTooBusy_AnswersForItself()
    {
        await using ScriptedUpstream only = await ScriptedUpstream.StartAsync();
        only.Script = (context, _) =>
        {
            context.Response.Headers.RetryAfter = "60";
            return AnswerAsync(context, 429);
        };
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("a", only.Url)], ("0:Retries", "3")));

        using HttpResponseMessage reply = await proxy.BeginAsync(ProxyUnderTest.Question());

        Assert.Equal(429, (int)reply.StatusCode);
        Assert.Equal("60", reply.Headers.RetryAfter!.ToString());
        Assert.Equal(1, only.Calls);
    }

    [Fact]
    public async Task RetryAfter_WithinItsLimit_IsWaitedFor()
    {
        await using ScriptedUpstream only = await ScriptedUpstream.StartAsync();
        var asked = new List<DateTimeOffset>();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("a", only.Url)], ("0:Retries", "2")));
        only.Script = (context, call) =>
        {
            asked.Add(proxy.Clock.GetUtcNow());
            context.Response.Headers.RetryAfter = "4";
            return call == 1 ? AnswerAsync(context, 429) : Answers.ObjectAsync(context, "second try");
        };

        Reply reply = await proxy.RunClockAsync(proxy.AskAsync());

        Assert.Equal(Answers.Object("second try"), reply.Text);
        Assert.InRange(asked[1] - asked[0], TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(6));
    }

    [Fact]
    public async Task Stream_ThatBeganAndBroke_IsNotBegunAnewElsewhere()
    {
        await using ScriptedUpstream first = await ScriptedUpstream.StartAsync();
        await using ScriptedUpstream next = await ScriptedUpstream.StartAsync();
        first.Script = (context, _) => Answers.StreamAsync(context, ["half ", "never"], i =>
        {
            if (i == 1)
            {
                context.Abort();
            }

            return Task.CompletedTask;
        });
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("a", first.Url), ("b", next.Url)], [.. Setup.Fallbacks("a", "b"), ("0:Retries", "3")]));

        await Assert.ThrowsAnyAsync<Exception>(() => proxy.AskAsync(stream: true));

        Assert.Equal((1, 0), (first.Calls, next.Calls));
    }

    [Fact]
    public async Task First_ThatKeepsFailing_IsLeftAloneUntilItHasRested()
    {
        await using ScriptedUpstream first = await ScriptedUpstream.StartAsync();
        await using ScriptedUpstream next = await ScriptedUpstream.StartAsync();
        bool isWell = false;
        first.Script = (context, _) => isWell ? Answers.ObjectAsync(context, "well again") : AnswerAsync(context, 503);
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For(
            [("a", first.Url), ("b", next.Url)], [.. Setup.Fallbacks("a", "b"), ("0:RestAfterFailures", "3"), ("0:BreakSeconds", "7")]));

        for (int i = 0; i < 6; i++)
        {
            Assert.Equal(200, (await proxy.AskAsync($"question {i}")).Status);
        }

        Assert.Equal((3, 6), (first.Calls, next.Calls));
        Assert.Equal("ready\nupstream a: resting\nupstream b: up\n", await proxy.Client.GetStringAsync("/readyz?verbose", TestContext.Current.CancellationToken));
        isWell = true;
        proxy.Clock.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal(Answers.Object("well again"), (await proxy.AskAsync("after the rest")).Text);
        string metrics = await proxy.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("cacheproxy_upstream_attempts_total{cacheproxy_upstream_name=\"a\",cacheproxy_upstream_result=\"server_error\"} 3", metrics);
        Assert.Contains("cacheproxy_upstream_fallbacks_total{cacheproxy_upstream_name=\"a\"} 3", metrics);
        Assert.Contains("cacheproxy_upstream_up{cacheproxy_upstream_name=\"a\",cacheproxy_upstream_state=\"up\"} 1", metrics);
    }

    [Fact]
    public async Task Probes_TakeAnUpstreamOut_AndInAgain()
    {
        await using ScriptedUpstream first = await ScriptedUpstream.StartAsync();
        await using ScriptedUpstream next = await ScriptedUpstream.StartAsync();
        int status = 503;
        first.Script = (context, _) => context.Request.Path == "/ping" ? AnswerAsync(context, status) : Answers.ObjectAsync(context, "first");
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For(
            [("a", first.Url), ("b", next.Url)], [.. Setup.Fallbacks("a", "b"), ("0:HealthIntervalSeconds", "2"), ("0:HealthPath", "/ping"), ("0:ApiKey", "the-key")]));

        await UntilAsync(proxy, "upstream a: down");
        Reply meanwhile = await proxy.AskAsync("one");
        status = 401;
        await UntilAsync(proxy, "upstream a: up");
        Reply after = await proxy.AskAsync("two");

        Assert.Equal(Answers.Object("hello"), meanwhile.Text);
        Assert.Equal(Answers.Object("first"), after.Text);
        Assert.All(first.Requests.Where(request => request.Path == "/ping"), request => Assert.Equal("Bearer the-key", request.Headers["Authorization"]));
    }

    [Theory]
    [InlineData("0:FirstByteTimeoutSeconds", "2")]
    [InlineData("0:TotalTimeoutSeconds", "2")]
    public async Task First_ThatIsTooSlow_IsFollowedByTheNext(string setting, string value)
    {
        await using ScriptedUpstream first = await ScriptedUpstream.StartAsync();
        await using ScriptedUpstream next = await ScriptedUpstream.StartAsync();
        first.Script = (context, _) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("a", first.Url), ("b", next.Url)], [.. Setup.Fallbacks("a", "b"), (setting, value)]));

        Reply reply = await proxy.RunClockAsync(proxy.AskAsync());

        Assert.Equal(Answers.Object("hello"), reply.Text);
        Assert.Equal(1, first.Calls);
    }

    [Fact]
    public async Task Only_ThatIsTooSlow_Is504WithItsName()
    {
        await using ScriptedUpstream only = await ScriptedUpstream.StartAsync();
        only.Script = (context, _) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("slow-one", only.Url)], ("0:FirstByteTimeoutSeconds", "2")));

        Reply reply = await proxy.RunClockAsync(proxy.AskAsync());

        Assert.Equal((504, "upstream_timeout"), (reply.Status, reply.ErrorCode));
        Assert.Contains("slow-one", reply.Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_WithPausesBetweenItsTokens_IsCutOnlyBeyondTheLimit(bool isBeyond)
    {
        await using ScriptedUpstream only = await ScriptedUpstream.StartAsync();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Setup.For([("a", only.Url)], ("0:FirstByteTimeoutSeconds", "600"), ("0:ActivityTimeoutSeconds", "5")));
        var go = new TaskCompletionSource();
        only.Script = (context, _) => Answers.StreamAsync(context, ["a", "b"], i => i == 1 ? go.Task : Task.CompletedTask);
        using HttpResponseMessage response = await proxy.BeginAsync(ProxyUnderTest.Question(stream: true));
        Stream body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await body.ReadExactlyAsync(new byte[Answers.Chunk("a").Length], TestContext.Current.CancellationToken);
        Task<int> rest = ReadAsync(body);

        if (isBeyond)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => proxy.RunClockAsync(rest, stepSeconds: 6));
            go.SetResult();
            return;
        }

        proxy.Clock.Advance(TimeSpan.FromSeconds(4));
        go.SetResult();
        Assert.Equal(Answers.Stream("a", "b").Length - Answers.Chunk("a").Length, await rest);
    }

    private static async Task<int> ReadAsync(Stream body)
    {
        using var rest = new MemoryStream();
        await body.CopyToAsync(rest, TestContext.Current.CancellationToken);
        return (int)rest.Length;
    }

    private static Task UntilAsync(ProxyUnderTest proxy, string line) => Wait.UntilAsync(
        async () =>
        {
            proxy.Clock.Advance(TimeSpan.FromSeconds(1));
            return (await proxy.Client.GetStringAsync("/readyz?verbose", TestContext.Current.CancellationToken)).Contains(line);
        },
        line);

    private static Task AnswerAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync("{\"error\":{}}");
    }
}
