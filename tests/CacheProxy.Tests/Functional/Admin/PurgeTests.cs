using System.Text.Json;
using CacheProxy.Protocol;

namespace CacheProxy.Tests.Functional.Admin;

public class PurgeTests
{
    [Fact]
    public async Task Purge_WithoutMore_OnlyCounts()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync(headers: (HeaderNames.Tags, "a,b"));
        await proxy.StoredAsync(1);

        Reply reply = await proxy.ActAsync("/admin/purge", """{"tag":"a"}""");

        Assert.Equal(200, reply.Status);
        Assert.True(reply.Json.GetProperty("dry_run").GetBoolean());
        Assert.Equal(1, reply.Json.GetProperty("count").GetInt64());
        Assert.Equal(["memory", "sqlite"], reply.Json.GetProperty("tiers").EnumerateArray().Select(tier => tier.GetProperty("tier").GetString()));
        Assert.StartsWith("CacheProxy; hit", (await proxy.AskAsync(headers: (HeaderNames.Tags, "a,b"))).CacheStatus);
    }

    [Theory]
    [InlineData("""{"tag":"a"}""")]
    [InlineData("""{"namespace":"kb"}""")]
    [InlineData("""{"model":"m"}""")]
    [InlineData("""{"api_key":"sk-tenant"}""")]
    [InlineData("""{"user":"alice"}""")]
    [InlineData("""{"all":true}""")]
    [InlineData("""{"created_from":"2020-01-01T00:00:00Z","created_before":"2100-01-01T00:00:00Z"}""")]
    [InlineData("""{"tag":"a","model":"m","user":"alice"}""")]
    public async Task Purge_ActedOut_LeavesAMiss(string selector)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        (string, string)[] headers = [(HeaderNames.Tags, "a"), (HeaderNames.Namespace, "kb"), ("Authorization", "Bearer sk-tenant")];
        await proxy.AskAsync(extra: ""","user":"alice" """, headers: headers);
        await proxy.AskAsync("something else", headers: ("Authorization", "Bearer sk-other"));
        Assert.StartsWith("CacheProxy; hit", (await proxy.AskAsync(extra: ""","user":"alice" """, headers: headers)).CacheStatus);

        Reply reply = await proxy.ActAsync("/admin/purge", selector[..^1] + ",\"dry_run\":false}");

        Assert.Equal(200, reply.Status);
        Assert.InRange(reply.Json.GetProperty("count").GetInt64(), 1, 2);
        Assert.StartsWith("CacheProxy; fwd=miss; stored", (await proxy.AskAsync(extra: ""","user":"alice" """, headers: headers)).CacheStatus);
        Assert.StartsWith("CacheProxy; hit", (await proxy.AskAsync(extra: ""","user":"alice" """, headers: headers)).CacheStatus);
        string audit = proxy.Audit()[^1];
        Assert.DoesNotContain("sk-tenant", audit);
        Assert.DoesNotContain("alice", audit);
        Assert.DoesNotContain("sk-tenant", reply.Text);
    }

    [Theory]
    [InlineData("""{"tag":"other"}""")]
    [InlineData("""{"namespace":""}""")]
    [InlineData("""{"api_key":"sk-nobody"}""")]
    [InlineData("""{"user":"bob"}""")]
    [InlineData("""{"created_before":"2020-01-01T00:00:00Z"}""")]
    [InlineData("""{"tag":"a","model":"other"}""")]
    public async Task Purge_OfOthers_LeavesTheHit(string selector)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        (string, string)[] headers = [(HeaderNames.Tags, "a"), (HeaderNames.Namespace, "kb")];
        await proxy.AskAsync(headers: headers);

        Reply reply = await proxy.ActAsync("/admin/purge", selector[..^1] + ",\"dry_run\":false}");

        Assert.Equal(0, reply.Json.GetProperty("count").GetInt64());
        Assert.StartsWith("CacheProxy; hit", (await proxy.AskAsync(headers: headers)).CacheStatus);
    }

    [Theory]
    [InlineData("{}", "all")]
    [InlineData("""{"all":true,"tag":"a"}""", "all")]
    [InlineData("""{"tags":["a"]}""", "tags")]
    [InlineData("""{"tag":1}""", "tag")]
    [InlineData("""{"tag":""}""", "tag")]
    [InlineData("""{"id":"xyz"}""", "id")]
    [InlineData("""{"tenant":"abc"}""", "tenant")]
    [InlineData("""{"fingerprint":"00"}""", "fingerprint")]
    [InlineData("""{"created_from":"yesterday"}""", "created_from")]
    [InlineData("""{"created_from":"2026-01-01T00:00:00"}""", "created_from")]
    [InlineData("""{"tag":"a","dry_run":"perhaps"}""", "dry_run")]
    [InlineData("""{"user":"a","user_id":"0123456789abcdef"}""", "user")]
    public async Task Purge_Misspelt_NamesTheField(string body, string field)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync();

        Reply reply = await proxy.ActAsync("/admin/purge", body);

        Assert.Equal((400, field), (reply.Status, reply.ErrorParam));
        Assert.StartsWith("CacheProxy; hit", (await proxy.AskAsync()).CacheStatus);
    }

    [Theory]
    [InlineData("not json", "application/json", 400)]
    [InlineData("""{"tag":"a","tag":"b"}""", "application/json", 400)]
    [InlineData("[]", "application/json", 400)]
    [InlineData("""{"all":true,"dry_run":false}""", "text/plain", 415)]
    [InlineData("""{"all":true,"dry_run":false}""", "application/x-www-form-urlencoded", 415)]
    public async Task Purge_WithAnotherBody_IsRefused(string body, string type, int status)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

        Assert.Equal(status, (await proxy.CallAsync(HttpMethod.Post, "/admin/purge", body, [], type)).Status);
    }

    [Fact]
    public async Task Purge_WhileTheAnswerIsUnderWay_KeepsItOut()
    {
        var arrived = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        proxy.Upstream.Script = async (context, call) =>
        {
            if (call == 1)
            {
                arrived.SetResult();
                await release.Task;
            }

            await Answers.ObjectAsync(context, $"answer {call}");
        };
        Task<Reply> first = proxy.AskAsync(headers: (HeaderNames.Tags, "a"));
        await arrived.Task;

        await proxy.ActAsync("/admin/purge", """{"tag":"a","dry_run":false}""");
        Reply second = await proxy.AskAsync(headers: (HeaderNames.Tags, "a"));
        release.SetResult();

        Assert.Contains("answer 1", (await first).Text);
        Assert.Contains("answer 2", second.Text);
        Reply third = await proxy.AskAsync(headers: (HeaderNames.Tags, "a"));
        Assert.StartsWith("CacheProxy; hit", third.CacheStatus);
        Assert.Contains("answer 2", third.Text);
        await proxy.StoredAsync(1);
        JsonElement entry = Assert.Single((await proxy.GetAsync("/admin/entries")).Json.GetProperty("entries").EnumerateArray());
        Assert.Equal("a", entry.GetProperty("tags")[0].GetString());
    }

    [Fact]
    public async Task Entry_DeletedById_IsGoneAndOnlyOnce()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync();
        string id = (await proxy.AskAsync()).Header(HeaderNames.Entry)!;
        await proxy.StoredAsync(1);

        Assert.Equal(200, (await proxy.GetAsync($"/admin/entries/{id}")).Status);
        Assert.Equal(200, (await proxy.CallAsync(HttpMethod.Delete, $"/admin/entries/{id}", null, [])).Status);
        Assert.Equal(404, (await proxy.CallAsync(HttpMethod.Delete, $"/admin/entries/{id}", null, [])).Status);
        Assert.Equal(404, (await proxy.GetAsync($"/admin/entries/{id}")).Status);
        Assert.StartsWith("CacheProxy; fwd=miss", (await proxy.AskAsync()).CacheStatus);
    }

    [Fact]
    public async Task Entries_ListedInPages_ShowNoText()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        for (int i = 0; i < 7; i++)
        {
            await proxy.AskAsync($"secret question {i}");
        }

        await proxy.StoredAsync(7);

        var ids = new HashSet<string>();
        string? after = null;
        do
        {
            Reply page = await proxy.GetAsync($"/admin/entries?limit=3&model=m{(after is null ? "" : "&after=" + after)}");
            Assert.DoesNotContain("secret question", page.Text);
            Assert.DoesNotContain("hello", page.Text);
            Assert.All(page.Json.GetProperty("entries").EnumerateArray(), entry => Assert.True(ids.Add(entry.GetProperty("id").GetString()!)));
            after = page.Json.TryGetProperty("next", out JsonElement next) ? next.GetString() : null;
        }
        while (after is not null);

        Assert.Equal(7, ids.Count);
        Assert.Equal("api_key", (await proxy.GetAsync("/admin/entries?api_key=sk-x")).ErrorParam);
        Assert.Equal("limit", (await proxy.GetAsync("/admin/entries?limit=0")).ErrorParam);
    }
}
