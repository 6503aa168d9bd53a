using System.Text.Json;
using CacheProxy.Tenancy;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional.Admin;

/// <summary>Names of keys through the whole proxy: how an operator finds a key's id, and where the name counts.</summary>
public class TenantTests
{
    private const string Secret = "c2hhcmVkLWJ5LWFsbC1wcm94aWVzLW9mLXRoaXMtZmxlZXQ=";

    [Fact]
    public async Task Id_OfAKey_IsWhatTheSettingsTake()
    {
        string id;
        await using (ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Tenants:Secret"] = Secret }))
        {
            Reply reply = await proxy.ActAsync("/admin/tenants/id", """{"key":"sk-search"}""");
            id = reply.Json.GetProperty("key_id").GetString()!;
            Assert.Matches("^[0-9a-f]{16}$", id);
            Assert.Equal(400, (await proxy.ActAsync("/admin/tenants/id", """{"key":" "}""")).Status);
            Assert.Equal(400, (await proxy.ActAsync("/admin/tenants/id", """{"kay":"x"}""")).Status);
            Assert.Empty((await proxy.GetAsync("/admin/tenants")).Json.GetProperty("tenants").EnumerateArray());
        }

        await using ProxyUnderTest named = await ProxyUnderTest.StartAsync(new()
        {
            ["Tenants:Secret"] = Secret,
            ["Tenants:Names:0:Name"] = "search-team",
            ["Tenants:Names:0:KeyId"] = id,
            ["Budgets:0:Name"] = "each",
            ["Budgets:0:Tenant"] = "*",
            ["Budgets:0:Window"] = "day",
            ["Budgets:0:Requests"] = "10",
            ["Budgets:1:Name"] = "search",
            ["Budgets:1:Tenant"] = "search-*",
            ["Budgets:1:Window"] = "day",
            ["Budgets:1:Requests"] = "1",
        });
        JsonElement tenant = Assert.Single((await named.GetAsync("/admin/tenants")).Json.GetProperty("tenants").EnumerateArray());
        Assert.Equal(("search-team", id), (tenant.GetProperty("name").GetString(), tenant.GetProperty("key_id").GetString()));
        Assert.Equal("search-team", (await named.ActAsync("/admin/tenants/id", """{"key":"sk-search"}""")).Json.GetProperty("name").GetString());

        Assert.Equal(200, (await named.AskAsync("1", headers: Budgets.BudgetTests.Key("sk-search"))).Status);
        Assert.Equal(429, (await named.AskAsync("2", headers: Budgets.BudgetTests.Key("sk-search"))).Status);
        Assert.Equal(200, (await named.AskAsync("2", headers: Budgets.BudgetTests.Key("sk-other"))).Status);
        string other = named.Services.GetRequiredService<TenantNames>().IdOfKey("sk-other");
        Assert.Equal(
            [("each", other, 1), ("each", "search-team", 1), ("search", "search-*", 1)],
            Budgets.BudgetTests.States(named).Select(state => (state.Name, state.Tenant!, (int)state.Requests!.Value.Used)).Order());
    }
}
