using System.Text.Json;
using CacheProxy.Protocol;
using CacheProxy.Tests.Functional.Admin;
using CacheProxy.Tests.Functional.Shared;
using CacheProxy.Tests.Stores;
using static CacheProxy.Tests.Functional.Dashboard.DashboardCall;

namespace CacheProxy.Tests.Functional.Dashboard;

/// <summary>The cache browser: find, read, edit tags, delete.</summary>
public class EntryTests
{
    [Fact]
    public async Task Read_AsAdmin_ShowsTheAnswer_AndIsAudited()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Keys);
        string id = await StoreAsync(proxy, "kb");

        JsonElement reply = (await proxy.ApiAsync("/entries/" + id, AsAdmin)).Json;

        JsonElement answer = reply.GetProperty("answer");
        Assert.Equal(("hello", "stop", "chatcmpl-1"), (answer.GetProperty("text").GetString(), answer.GetProperty("finish_reason").GetString(), answer.GetProperty("upstream_id").GetString()));
        Assert.Contains("\"prompt_tokens\": 7", answer.GetProperty("usage").GetString(), StringComparison.Ordinal);
        Assert.Equal((id, "kb"), (reply.GetProperty("entry").GetProperty("id").GetString(), Assert.Single(reply.GetProperty("entry").GetProperty("tags").EnumerateArray()).GetString()));
        Assert.Empty(reply.GetProperty("hidden").EnumerateArray());
        Assert.Contains(proxy.Audit(), line => line.Contains("\"action\":\"read\"", StringComparison.Ordinal) && line.Contains(id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Read_WithTheReadOnlyKey_HidesTheAnswer()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(Keys);
        string id = await StoreAsync(proxy, "kb");

        Reply reply = await proxy.ApiAsync("/entries/" + id, AsReader);

        Assert.Equal(200, reply.Status);
        Assert.Equal(JsonValueKind.Null, reply.Json.GetProperty("answer").ValueKind);
        Assert.Equal(["answer", "question"], reply.Json.GetProperty("hidden").EnumerateArray().Select(one => one.GetString()!));
        Assert.DoesNotContain("hello", reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("hi", reply.Json.GetProperty("entry").GetProperty("model").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tag=kb", 1)]
    [InlineData("tag=other", 0)]
    [InlineData("model=m&namespace=", 1)]
    [InlineData("min_age_seconds=60", 1)]
    [InlineData("min_age_seconds=600", 0)]
    [InlineData("max_age_seconds=600", 1)]
    [InlineData("max_age_seconds=60", 0)]
    [InlineData("max_age_seconds=600&min_age_seconds=60", 1)]
    public async Task Find_ByWhatIsKnownOfIt(string query, int found)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await StoreAsync(proxy, "kb");
        proxy.Clock.Advance(TimeSpan.FromSeconds(300));

        Assert.Equal(found, (await proxy.ApiAsync("/entries?" + query)).Json.GetProperty("entries").GetArrayLength());
    }

    [Fact]
    public async Task Find_ByTheTenantAsFiguresNameIt_IsItsEntries()
    {
        string key = Path.Combine(Directory.CreateTempSubdirectory("cacheproxy-tenant-").FullName, "key");
        await File.WriteAllTextAsync(key, "sk-search", TestContext.Current.CancellationToken);
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Tenants:Names:0:Name"] = "search", ["Tenants:Names:0:KeyFile"] = key });
        await proxy.AskAsync("one", headers: [("Authorization", "Bearer sk-search"), (HeaderNames.Tags, "named")]);
        await proxy.AskAsync("two", headers: [("Authorization", "Bearer sk-nobody"), (HeaderNames.Tags, "unnamed")]);
        JsonElement[] all = [];
        await Wait.UntilAsync(async () => (all = await FindAsync(proxy, "limit=10")).Length == 2, "both answers are stored");

        string id = all.Select(entry => entry.GetProperty("tenant").GetString()!).Single(tenant => tenant != "search");
        Assert.Equal(16, id.Length);
        Assert.Equal(["named"], Tags(await FindAsync(proxy, "tenant=search")));
        Assert.Equal(["unnamed"], Tags(await FindAsync(proxy, "tenant=" + id)));
        Assert.Equal((400, "tenant"), (await proxy.ApiAsync("/entries?tenant=nobody") is var refused ? refused.Status : 0, refused.ErrorParam));
        Assert.Equal("search", (await proxy.ApiAsync("/entries/" + all.Single(entry => Tags([entry])[0] == "named").GetProperty("id").GetString())).Json.GetProperty("entry").GetProperty("tenant").GetString());
        Assert.Equal(1, (await proxy.ActAsync("/admin/purge", """{"tenant":"search","dry_run":false}""")).Json.GetProperty("count").GetInt64());
        Assert.Equal(["unnamed"], Tags(await FindAsync(proxy, "limit=10")));
        Assert.Contains("hit; detail=exact", (await proxy.AskAsync("two", headers: [("Authorization", "Bearer sk-nobody")])).CacheStatus, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_ByATenant_WhileAllShare_IsRefused()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Tenants:Scope"] = "shared", ["Tenants:Names:0:Name"] = "search", ["Tenants:Names:0:KeyId"] = "0123456789abcdef" });

        Reply reply = await proxy.ApiAsync("/entries?tenant=search");

        Assert.Equal((400, "tenant"), (reply.Status, reply.ErrorParam));
    }

    [Fact]
    public async Task Find_TellsHowOftenEachWasAskedFor()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        string id = await StoreAsync(proxy, "kb");
        await proxy.AskAsync("hi");
        await proxy.AskAsync("hi");

        await Wait.UntilAsync(
            async () => (await proxy.ApiAsync("/entries")).Json.GetProperty("hits").TryGetProperty(id, out JsonElement hits) && hits.GetInt64() == 2, "both hits are counted");
    }

    [Theory]
    [InlineData("id=7", "id")]
    [InlineData("min_age_seconds=-1", "min_age_seconds")]
    [InlineData("max_age_seconds=x", "max_age_seconds")]
    [InlineData("max_age_seconds=1&created_from=2026-01-01T00:00:00Z", "created_from")]
    [InlineData("limit=100000", "limit")]
    [InlineData("api_key=secret", "api_key")]
    public async Task Find_ByWhatIsWrong_NamesIt(string query, string param)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Reply reply = await proxy.ApiAsync("/entries?" + query);

        Assert.Equal((400, param), (reply.Status, reply.ErrorParam));
    }

    [Fact]
    public async Task Tags_Edited_AreFoundByPurgesOfTheNewOnesOnly()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        string id = await StoreAsync(proxy, "old");

        Reply reply = await proxy.ApiAsync(HttpMethod.Put, $"/entries/{id}/tags", """{"tags":["new","newer","new"]}""");

        Assert.Equal(200, reply.Status);
        Assert.Equal(["new", "newer"], reply.Json.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()!));
        Assert.Equal([("sqlite", true), ("memory", true)], reply.Json.GetProperty("tiers").EnumerateArray().Select(tier => (tier.GetProperty("tier").GetString()!, tier.GetProperty("changed").GetBoolean())));
        Assert.Equal(0, await PurgeAsync(proxy, "old"));
        Assert.Contains("hit; detail=exact", (await proxy.AskAsync("hi")).CacheStatus, StringComparison.Ordinal);
        Assert.Equal(1, await PurgeAsync(proxy, "new"));
        Assert.Contains("fwd=miss", (await proxy.AskAsync("hi")).CacheStatus, StringComparison.Ordinal);
        Assert.Contains(proxy.Audit(), line => line.Contains("\"action\":\"retag\"", StringComparison.Ordinal) && line.Contains("[old] -", StringComparison.Ordinal));
    }

    /// <summary>The refresh knows the entry as it was: its answer would bring the former tags back.</summary>
    [Fact]
    public async Task Tags_EditedWhileTheEntryIsRefreshed_Stay()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:TtlSeconds"] = "60", ["Exact:StaleWhileRevalidateSeconds"] = "6000", ["Exact:RefreshBackoffSeconds"] = "1" });
        string id = await StoreAsync(proxy, "old");
        var go = new TaskCompletionSource();
        proxy.Upstream.Script = async (context, call) =>
        {
            if (call == 2)
            {
                await go.Task.WaitAsync(context.RequestAborted);
            }

            await Answers.ObjectAsync(context, $"answer {call}");
        };
        proxy.Clock.Advance(TimeSpan.FromSeconds(90));
        Assert.Contains("hit; detail=stale", (await proxy.AskAsync("hi")).CacheStatus, StringComparison.Ordinal);
        await Wait.UntilAsync(() => proxy.Upstream.Calls == 2, "the refresh to ask");

        Assert.Equal(200, (await proxy.ApiAsync(HttpMethod.Put, $"/entries/{id}/tags", """{"tags":["new"]}""")).Status);
        go.SetResult();
        await Wait.UntilAsync(() => proxy.Flights == 0, "the refresh to end");

        Assert.Equal((0, 1), (await CountInMemoryAsync(proxy, "old"), await CountInMemoryAsync(proxy, "new")));

        // The next one begins with the new tags, and is kept.
        proxy.Clock.Advance(TimeSpan.FromSeconds(2));
        await Wait.UntilAsync(async () => (await proxy.AskAsync("hi")).Text.Contains("answer 3", StringComparison.Ordinal), "the next refresh");
        Assert.Equal((0, 1), (await CountInMemoryAsync(proxy, "old"), await CountInMemoryAsync(proxy, "new")));
    }

    [Fact]
    public async Task Tags_EditedAtOneProxy_CountForTheOthersMemoryToo()
    {
        await using ProxyFleet fleet = await ProxyFleet.StartAsync(2);
        string id = await StoreAsync(fleet[0], "old");
        Assert.Contains("hit; detail=exact", (await fleet[1].AskAsync("hi")).CacheStatus, StringComparison.Ordinal);

        Reply reply = await fleet[0].ApiAsync(HttpMethod.Put, $"/entries/{id}/tags", """{"tags":["new"]}""");
        Assert.Equal([("redis", true), ("memory", true)], reply.Json.GetProperty("tiers").EnumerateArray().Select(tier => (tier.GetProperty("tier").GetString()!, tier.GetProperty("changed").GetBoolean())));

        // Its own tier of memory is told within a second or two, and then reads the shared one again.
        await Wait.UntilAsync(async () => await CountInMemoryAsync(fleet[1], "old") == 0, "the other proxy forgets its copy");
        Assert.Contains("hit; detail=exact", (await fleet[1].AskAsync("hi")).CacheStatus, StringComparison.Ordinal);
        Assert.Equal(0, await PurgeAsync(fleet[1], "old"));
        Assert.Equal(1, await PurgeAsync(fleet[1], "new"));
        Assert.Equal(1, fleet.Upstream.Calls);
    }

    [Theory]
    [InlineData("""{}""", "tags")]
    [InlineData("""{"tags":"kb"}""", "tags")]
    [InlineData("""{"tags":["with space"]}""", "tags")]
    [InlineData("""{"tags":[""]}""", "tags")]
    [InlineData("""{"tags":["kb"],"id":"x"}""", "id")]
    public async Task Tags_ThatAreWrong_ChangeNothing(string body, string param)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        string id = await StoreAsync(proxy, "old");

        Reply reply = await proxy.ApiAsync(HttpMethod.Put, $"/entries/{id}/tags", body);

        Assert.Equal((400, param), (reply.Status, reply.ErrorParam));
        Assert.Equal(1, await PurgeAsync(proxy, "old"));
    }

    [Fact]
    public async Task Delete_RemovesItEverywhere_AndOnlyOnce()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        string id = await StoreAsync(proxy, "kb");

        Assert.Equal(200, (await proxy.ApiAsync(HttpMethod.Delete, "/entries/" + id, null)).Status);

        Assert.Equal(404, (await proxy.ApiAsync("/entries/" + id)).Status);
        Assert.Equal(404, (await proxy.ApiAsync(HttpMethod.Delete, "/entries/" + id, null)).Status);
        Assert.Equal(404, (await proxy.ApiAsync(HttpMethod.Put, $"/entries/{id}/tags", """{"tags":[]}""")).Status);
    }

    [Fact]
    public async Task Feedback_OfAWrongAnswer_RemovesItsEntry()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        string id = await StoreAsync(proxy, "kb");

        Reply reply = await proxy.ApiAsync(HttpMethod.Post, $"/entries/{id}/feedback", """{"verdict":"wrong"}""");

        Assert.Equal((200, 1L), (reply.Status, reply.Json.GetProperty("removed").GetInt64()));
        Assert.Equal(404, (await proxy.ApiAsync("/entries/" + id)).Status);
    }

    private static async Task<JsonElement[]> FindAsync(ProxyUnderTest proxy, string query)
        => [.. (await proxy.ApiAsync("/entries?" + query)).Json.GetProperty("entries").EnumerateArray()];

    private static string[] Tags(IEnumerable<JsonElement> entries)
        => [.. entries.SelectMany(entry => entry.GetProperty("tags").EnumerateArray()).Select(tag => tag.GetString()!)];

    private static async Task<string> StoreAsync(ProxyUnderTest proxy, string tag)
    {
        await proxy.AskAsync("hi", headers: (HeaderNames.Tags, tag));
        string? id = null;
        await Wait.UntilAsync(
            async () =>
            {
                JsonElement[] found = [.. (await proxy.ApiAsync("/entries?tag=" + tag, AsAdmin)).Json.GetProperty("entries").EnumerateArray()];
                id = found.Length == 1 ? found[0].GetProperty("id").GetString() : null;
                return id is not null;
            },
            "the answer is stored");
        return id!;
    }

    private static async Task<long> PurgeAsync(ProxyUnderTest proxy, string tag)
        => (await proxy.ActAsync("/admin/purge", $$"""{"tag":"{{tag}}","dry_run":false}""")).Json.GetProperty("count").GetInt64();

    private static async Task<long> CountInMemoryAsync(ProxyUnderTest proxy, string tag)
        => (await proxy.ActAsync("/admin/purge", $$"""{"tag":"{{tag}}"}""")).Json.GetProperty("tiers").EnumerateArray().First(tier => tier.GetProperty("tier").GetString() == "memory").GetProperty("count").GetInt64();
}
