using CacheProxy.Tests.Embeddings;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Functional.Budgets;

/// <summary>Embeddings under a budget of calls: what is stored or made for others is given, what would have to be asked for is not.</summary>
public class BudgetEmbeddingTests
{
    private static readonly Dictionary<string, string> OneCall = new()
    {
        ["Budgets:0:Name"] = "b",
        ["Budgets:0:Window"] = "day",
        ["Budgets:0:Requests"] = "1",
        ["Budgets:0:Tenant"] = "*",
        ["Tenants:Scope"] = "shared",
    };

    [Fact]
    public async Task Miss_OverBudget_IsRefused_StoredInputsAreServed()
    {
        await using EmbeddingProxy proxy = await EmbeddingProxy.StartAsync(OneCall);
        Assert.Equal(200, (await proxy.AskAsync(new[] { "a", "b" })).Status);
        await proxy.SettleAsync();

        Assert.Equal(429, (await proxy.AskAsync(new[] { "a", "c" })).Status);
        Assert.Equal(200, (await proxy.AskAsync(new[] { "b", "a" })).Status);
        Assert.Equal(429, (await proxy.AskAsync("d", headers: ("Cache-Control", "no-cache"))).Status);
        Assert.Single(proxy.Sent);

        // Nobody else's: the refused input is asked for by the next one.
        Assert.Equal(200, (await proxy.AskAsync("c", headers: ("Authorization", "Bearer other"))).Status);
        Assert.Equal(2, proxy.Sent.Length);
    }

    [Fact]
    public async Task Input_ThatAnotherWithinBudgetIsWaitingFor_IsGivenToo()
    {
        await using EmbeddingProxy proxy = await EmbeddingProxy.StartAsync(OneCall);
        var go = new TaskCompletionSource();
        proxy.Script = async (context, body, _) =>
        {
            await go.Task;
            await EmbeddingUpstream.AnswerAsync(context, body);
        };
        Task<Reply> first = proxy.AskAsync(new[] { "a", "b" });
        await Wait.UntilAsync(() => proxy.Sent.Length == 1, "the call");

        Task<Reply> along = proxy.AskAsync("b");
        await Wait.UntilAsync(() => proxy.Waiters == 2, "the second");
        Assert.Equal(429, (await proxy.AskAsync("c")).Status);
        go.SetResult();

        Assert.Equal((200, 200), ((await first).Status, (await along).Status));
        Assert.Single(proxy.Sent);
    }
}
