using CacheProxy.Protocol;
using CacheProxy.Tests.Functional.Admin;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Functional.Shared;

/// <summary>What one proxy invalidates counts for the answers that another one has under way, and nobody gets another key's refusal.</summary>
public class SharedFlightPurgeTests
{
    private const string Purge = """{"tag":"a","dry_run":false}""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_AfterAPurge_DoesNotJoinWhatAnotherProxyWasAskedBefore(bool isStream)
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2);
        var go = new TaskCompletionSource();
        fleet.Upstream.Script = async (context, call) =>
        {
            if (call == 1)
            {
                await go.Task.WaitAsync(context.RequestAborted);
            }

            await AnswerAsync(context, isStream, call == 1 ? "old" : "new");
        };

        Task<Reply> before = AskAsync(fleet[0], isStream);
        await Wait.UntilAsync(() => fleet.Upstream.Calls == 1, "the call");
        Assert.True((await fleet[1].ActAsync("/admin/purge", Purge)).Json.GetProperty("shared").GetBoolean());
        Reply after = await AskAsync(fleet[1], isStream);
        go.SetResult();

        Assert.Contains("new", after.Text, StringComparison.Ordinal);
        Assert.Contains("old", (await before).Text, StringComparison.Ordinal);
        Assert.Equal(2, fleet.Upstream.Calls);
    }

    [Fact]
    public async Task Answer_AskedForBeforeAnotherProxysPurge_IsStoredNowhere()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2);
        for (int i = 0; i < 10; i++)
        {
            var go = new TaskCompletionSource();
            int calls = fleet.Upstream.Calls;
            fleet.Upstream.Script = async (context, call) =>
            {
                if (call == calls + 1)
                {
                    await go.Task.WaitAsync(context.RequestAborted);
                }

                await AnswerAsync(context, isStream: false, call == calls + 1 ? "old" : "new");
            };

            Task<Reply> before = AskAsync(fleet[0], question: $"question {i}");
            await Wait.UntilAsync(() => fleet.Upstream.Calls == calls + 1, "the call");
            await fleet[1].ActAsync("/admin/purge", Purge);
            go.SetResult();
            await before;
            // It is stored behind its client's back.
            await Wait.UntilAsync(() => fleet[0].Flights == 0, "the flight to land");

            Assert.Contains("new", (await AskAsync(fleet[1], question: $"question {i}")).Text, StringComparison.Ordinal);
            Assert.Contains("new", (await AskAsync(fleet[0], question: $"question {i}")).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Answer_AskedForBeforeAnEpoch_IsNotServedInTheNext()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2);
        var go = new TaskCompletionSource();
        fleet.Upstream.Script = async (context, call) =>
        {
            if (call == 1)
            {
                await go.Task.WaitAsync(context.RequestAborted);
            }

            await AnswerAsync(context, isStream: false, call == 1 ? "old" : "new");
        };

        Task<Reply> before = AskAsync(fleet[0]);
        await Wait.UntilAsync(() => fleet.Upstream.Calls == 1, "the call");
        await fleet[1].ActAsync("/admin/epochs/kb");
        Assert.Contains("new", (await AskAsync(fleet[1])).Text, StringComparison.Ordinal);
        go.SetResult();
        await before;

        Assert.Contains("new", (await AskAsync(fleet[1])).Text, StringComparison.Ordinal);
        await Wait.UntilAsync(async () => (await AskAsync(fleet[0])).Text.Contains("new", StringComparison.Ordinal), "the other proxy to hear of it");
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(429)]
    public async Task Refusal_OfAnothersKey_IsNotSharedAcrossProxies(int status)
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2, new() { ["Tenants:Scope"] = "shared", ["Flight:FailureHoldMilliseconds"] = "30000" });
        var go = new TaskCompletionSource();
        fleet.Upstream.Script = async (context, call) =>
        {
            if (fleet.Upstream.Requests.ElementAt(call - 1).Headers["Authorization"] == "Bearer good")
            {
                await Answers.ObjectAsync(context, "hello");
                return;
            }

            await go.Task.WaitAsync(context.RequestAborted);
            context.Response.StatusCode = status;
        };

        Task<Reply> bad = fleet[0].AskAsync(headers: ("Authorization", "Bearer bad"));
        await Wait.UntilAsync(() => fleet.Upstream.Calls == 1, "the call");
        Task<Reply> badToo = fleet[1].AskAsync(headers: ("Authorization", "Bearer bad"));
        await Wait.UntilAsync(() => fleet[1].Waiters == 1, "the first on the other");
        Task<Reply> good = fleet[1].AskAsync(headers: ("Authorization", "Bearer good"));
        await Wait.UntilAsync(() => fleet[1].Waiters == 2, "both on the other");
        go.SetResult();

        Assert.Equal([status, status, 200], new[] { await bad, await badToo, await good }.Select(reply => reply.Status));
        Assert.Equal(2, fleet.Upstream.Calls);
    }

    [Fact]
    public async Task Refusal_OfOneKey_IsNotGivenToAnotherKeyThatLeadsOnItsProxy()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2, new() { ["Tenants:Scope"] = "shared", ["Flight:FailureHoldMilliseconds"] = "30000" });
        var go = new TaskCompletionSource();
        fleet.Upstream.Script = async (context, call) =>
        {
            if (call > 1)
            {
                await Answers.ObjectAsync(context, "hello");
                return;
            }

            await go.Task.WaitAsync(context.RequestAborted);
            context.Response.StatusCode = 401;
        };

        Task<Reply> bad = fleet[0].AskAsync(headers: ("Authorization", "Bearer bad"));
        await Wait.UntilAsync(() => fleet.Upstream.Calls == 1, "the call");
        Task<Reply> good = fleet[1].AskAsync(headers: ("Authorization", "Bearer good"));
        await Wait.UntilAsync(() => fleet[1].Waiters == 1, "the other to wait");
        go.SetResult();

        Assert.Equal([401, 200], new[] { await bad, await good }.Select(reply => reply.Status));
    }

    private static Task AnswerAsync(HttpContext context, bool isStream, string text)
        => isStream ? Answers.StreamAsync(context, [text]) : Answers.ObjectAsync(context, text);

    private static Task<Reply> AskAsync(ProxyUnderTest proxy, bool isStream = false, string question = "hi")
        => proxy.AskAsync(question, isStream, headers: [(HeaderNames.Namespace, "kb"), (HeaderNames.Tags, "a")]);
}
