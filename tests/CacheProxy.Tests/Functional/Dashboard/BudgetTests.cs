using System.Text.Json;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Functional.Dashboard;

/// <summary>How full budgets are.</summary>
public class BudgetTests
{
    [Fact]
    public async Task Budgets_WithoutAny_AreNone()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Assert.Empty((await proxy.ApiAsync("/budgets")).Json.GetProperty("budgets").EnumerateArray());
    }

    [Fact]
    public async Task Budget_ThatIsUsedUp_SaysSo()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new()
        {
            ["Budgets:0:Name"] = "b",
            ["Budgets:0:Window"] = "day",
            ["Budgets:0:Requests"] = "2",
        });
        await proxy.AskAsync("one");
        Assert.Equal("ok", (await StateAsync(proxy)).GetProperty("state").GetString());
        await proxy.AskAsync("two");

        JsonElement budget = default;
        await Wait.UntilAsync(async () => (budget = await StateAsync(proxy)).GetProperty("state").GetString() == "hard", "the budget is used up");

        Assert.Equal(("b", "requests", "day"), (budget.GetProperty("name").GetString(), budget.GetProperty("unit").GetString(), budget.GetProperty("window").GetString()));
        Assert.Equal((2m, 2m), (budget.GetProperty("used").GetDecimal(), budget.GetProperty("hard").GetDecimal()));
        Assert.Equal(429, (await proxy.AskAsync("three")).Status);
    }

    private static async Task<JsonElement> StateAsync(ProxyUnderTest proxy) => Assert.Single((await proxy.ApiAsync("/budgets")).Json.GetProperty("budgets").EnumerateArray());
}
