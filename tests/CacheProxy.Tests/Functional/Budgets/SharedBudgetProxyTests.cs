using CacheProxy.Tests.Functional.Shared;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Functional.Budgets;

/// <summary>Two proxies and a real Redis, requests and all.</summary>
public sealed class SharedBudgetProxyTests
{
    private static readonly Dictionary<string, string> FiveCalls = new()
    {
        ["Budgets:0:Name"] = "b",
        ["Budgets:0:WindowSeconds"] = "31536000",
        ["Budgets:0:Requests"] = "5",
        ["Budgets:0:Tenant"] = "*",
        ["Tenants:Scope"] = "shared",
    };

    [Fact]
    public async Task Requests_AtTwoProxiesAtOnce_AreNeverMoreThanTheLimit()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2, FiveCalls);
        await ConnectAsync(fleet);

        Reply[] replies = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => fleet[i % 2].AskAsync($"question {i}", headers: BudgetTests.Key("a"))));

        Assert.Equal(5, replies.Count(reply => reply.Status == 200));
        Assert.Equal(25, replies.Count(reply => reply.Status == 429));
        Assert.All(replies.Where(reply => reply.Status == 429), reply => Assert.StartsWith("b;used=1.0;unit=requests;reset=", reply.Header("X-CacheProxy-Budget")));
        Assert.All(fleet.Proxies, proxy => Assert.True(BudgetTests.States(proxy)[0].IsShared));
    }

    [Fact]
    public async Task RequestOverBudget_ReadsAlong_WhatAnotherProxyIsAskedByOneWithinIt()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2, FiveCalls);
        await ConnectAsync(fleet);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(200, (await fleet[1].AskAsync($"used {i}", headers: BudgetTests.Key("poor"))).Status);
        }

        int before = fleet.Upstream.Calls;
        var go = new TaskCompletionSource();
        fleet.Upstream.Script = async (context, _) =>
        {
            await go.Task;
            await Answers.ObjectAsync(context, "hello");
        };
        Task<Reply> rich = fleet[0].AskAsync("same", headers: BudgetTests.Key("rich"));
        await Wait.UntilAsync(() => fleet.Upstream.Calls == before + 1, "the call");

        Task<Reply> poor = fleet[1].AskAsync("same", headers: BudgetTests.Key("poor"));
        await Wait.UntilAsync(() => fleet[1].Flights == 1, "the follower");
        Assert.Equal(429, (await fleet[1].AskAsync("other", headers: BudgetTests.Key("poor"))).Status);
        go.SetResult();

        Assert.Equal((200, 200), ((await rich).Status, (await poor).Status));
        Assert.Equal("CacheProxy; fwd=miss; collapsed", (await poor).CacheStatus);
        Assert.Equal(before + 1, fleet.Upstream.Calls);
        // And the refusal of the first to ask is nobody's at the other proxy.
        Assert.Equal(200, (await fleet[0].AskAsync("other", headers: BudgetTests.Key("rich"))).Status);
    }

    [Fact]
    public async Task RedisGone_ProxiesGoOnAlone_AndStillRefuseWhatTheyKnowIsUsed()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2, FiveCalls);
        await ConnectAsync(fleet);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(200, (await fleet[i % 2].AskAsync($"{i}", headers: BudgetTests.Key("a"))).Status);
        }

        await fleet.Redis.KillAsync();
        // The second proxy knows of all four, the first of three at least.
        Assert.Equal(200, (await fleet[1].AskAsync("last", headers: BudgetTests.Key("a"))).Status);
        Assert.Equal(429, (await fleet[1].AskAsync("beyond", headers: BudgetTests.Key("a"))).Status);
        Assert.False(BudgetTests.States(fleet[1])[0].IsShared);
        Assert.Contains("detail=exact", (await fleet[1].AskAsync("last", headers: BudgetTests.Key("a"))).CacheStatus);
    }

    // Connections are made in the background.
    private static Task ConnectAsync(ProxyFleet fleet) => Wait.UntilAsync(
        async () =>
        {
            int i = 0;
            foreach (ProxyUnderTest proxy in fleet.Proxies)
            {
                await proxy.AskAsync($"warm {i++}", headers: BudgetTests.Key("warm"));
            }

            return fleet.Proxies.All(proxy => BudgetTests.States(proxy).All(state => state.IsShared));
        },
        "connections");
}
