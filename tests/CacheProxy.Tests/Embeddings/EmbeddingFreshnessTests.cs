using CacheProxy.Protocol;
using CacheProxy.Tests.Functional;
using CacheProxy.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Embeddings;

/// <summary>Every wish of a client holds for each input by itself.</summary>
public class EmbeddingFreshnessTests
{
    [Fact]
    public async Task NoCache_AsksForAllAndReplacesTheirEntries()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        await sut.AskAsync(new[] { "a", "b" });
        await sut.SettleAsync();
        sut.Proxy.Clock.Advance(TimeSpan.FromSeconds(100));

        Reply forced = await sut.AskAsync(new[] { "a", "c", "a" }, headers: ("Cache-Control", "no-cache"));
        await Wait.UntilAsync(async () => (await sut.AskAsync("a")).Header(HeaderNames.Age) == "0", "the new entry");

        Assert.Equal("CacheProxy; fwd=bypass; detail=no_cache_requested", forced.CacheStatus);
        Assert.Equal(["a", "c", "a"], sut.Sent[1]);
        Assert.Equal("100", (await sut.AskAsync("b")).Header(HeaderNames.Age));
        Assert.Equal(2, sut.Proxy.Upstream.Calls);
    }

    [Fact]
    public async Task NoStore_IsAnsweredFromTheCacheAndLeavesNothing()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        await sut.AskAsync("a");
        await sut.SettleAsync();

        Reply reply = await sut.AskAsync(new[] { "a", "b" }, headers: ("Cache-Control", "no-store"));

        Assert.Equal(("1/2", "CacheProxy; fwd=miss"), (reply.Inputs(), reply.CacheStatus));
        Assert.Equal([EmbeddingUpstream.Vector("a"), EmbeddingUpstream.Vector("b")], reply.Vectors());
        Assert.Equal("0/1", (await sut.AskAsync("b")).Inputs());
    }

    [Fact]
    public async Task OnlyIfCached_Is504UnlessAllAreThere()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        await sut.AskAsync("a");
        await sut.SettleAsync();

        Reply some = await sut.AskAsync(new[] { "a", "b" }, headers: ("Cache-Control", "only-if-cached"));
        Reply all = await sut.AskAsync(new[] { "a", "a" }, headers: ("Cache-Control", "only-if-cached"));

        Assert.Equal((504, "not_cached"), (some.Status, some.ErrorCode));
        Assert.Equal("2/2", all.Inputs());
        Assert.Equal(1, sut.Proxy.Upstream.Calls);
    }

    [Fact]
    public async Task MaxAge_RefusesOnlyTheOlderInputs()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        await sut.AskAsync("old");
        await sut.SettleAsync();
        sut.Proxy.Clock.Advance(TimeSpan.FromSeconds(100));
        await sut.AskAsync("young");
        await sut.SettleAsync();

        Reply both = await sut.AskAsync(new[] { "old", "young" });
        Reply strict = await sut.AskAsync(new[] { "old", "young" }, headers: ("Cache-Control", "max-age=50"));

        Assert.Equal(("100", "CacheProxy; hit; detail=exact; ttl=3500"), (both.Header(HeaderNames.Age), both.CacheStatus));
        Assert.Equal(["old"], sut.Sent[2]);
        Assert.Equal("1/2", strict.Inputs());
    }

    [Fact]
    public async Task Ttl_OfTheHeaderIsEachInputs()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        await sut.AskAsync(new[] { "a", "b" }, headers: (HeaderNames.Ttl, "10"));
        await sut.SettleAsync();
        await sut.AskAsync(new[] { "a", "c" }, headers: (HeaderNames.Ttl, "100"));
        await sut.SettleAsync();
        sut.Proxy.Clock.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal("1/3", (await sut.AskAsync(new[] { "a", "b", "c" })).Inputs());
    }

    [Fact]
    public async Task Stale_IsGivenWhileItIsAskedForAgain()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync(new() { ["Exact:TtlSeconds"] = "60", ["Exact:StaleWhileRevalidateSeconds"] = "60" });
        await sut.AskAsync(new[] { "a", "b" });
        await sut.SettleAsync();
        sut.Proxy.Clock.Advance(TimeSpan.FromSeconds(70));

        Reply stale = await sut.AskAsync(new[] { "a" });
        await sut.SettleAsync();
        Reply fresh = await sut.AskAsync(new[] { "a" });

        Assert.StartsWith("CacheProxy; hit; detail=stale", stale.CacheStatus);
        Assert.Equal(["a"], sut.Sent[1]);
        Assert.StartsWith("CacheProxy; hit; detail=exact", fresh.CacheStatus);
        Assert.Equal(2, sut.Proxy.Upstream.Calls);
    }

    [Fact]
    public async Task Stale_WhoseRefreshFails_IsNotAskedForAgainForAWhile()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync(
            new() { ["Exact:TtlSeconds"] = "60", ["Exact:StaleWhileRevalidateSeconds"] = "600", ["Exact:RefreshBackoffSeconds"] = "10", ["Flight:FailureHoldMilliseconds"] = "0" });
        await sut.AskAsync(new[] { "a", "b" });
        await sut.SettleAsync();
        sut.Proxy.Clock.Advance(TimeSpan.FromSeconds(70));
        sut.Script = (context, _, _) =>
        {
            context.Response.StatusCode = 500;
            return context.Response.WriteAsync("no");
        };

        foreach ((int wait, int calls) in new[] { (0, 2), (0, 2), (9, 2), (1, 3), (19, 3), (1, 4) })
        {
            sut.Proxy.Clock.Advance(TimeSpan.FromSeconds(wait));
            Assert.StartsWith("CacheProxy; hit; detail=stale", (await sut.AskAsync("a")).CacheStatus);
            await Wait.UntilAsync(() => sut.Proxy.Upstream.Calls == calls, $"{calls} calls");
            await sut.SettleAsync();
            // The failure is noted right behind the flight's end.
            await Wait.UntilAsync(async () => await FailuresAsync(sut) == calls - 1, "the failure to be counted");
        }

        sut.Script = null;
        await sut.AskAsync("b");
        await Wait.UntilAsync(async () => (await sut.AskAsync("b")).CacheStatus!.StartsWith("CacheProxy; hit; detail=exact", StringComparison.Ordinal), "the new entry");
    }

    private static async Task<int> FailuresAsync(EmbeddingProxy sut)
    {
        const string Line = "cacheproxy_refreshes_total{cacheproxy_refresh_reason=\"stale\",cacheproxy_refresh_result=\"failed\"} ";
        string page = await sut.Proxy.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        return page.Split('\n').FirstOrDefault(line => line.StartsWith(Line, StringComparison.Ordinal)) is { } line ? int.Parse(line[Line.Length..]) : 0;
    }

    [Fact]
    public async Task Inputs_AreCountedEach()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync();
        await sut.AskAsync(new[] { "a", "b" });
        await sut.SettleAsync();
        await sut.AskAsync(new[] { "a", "b", "c" });

        string page = await sut.Proxy.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("cacheproxy_embeddings_inputs_total{cacheproxy_cache_outcome=\"hit\"} 2", page, StringComparison.Ordinal);
        Assert.Contains("cacheproxy_embeddings_inputs_total{cacheproxy_cache_outcome=\"miss\"} 3", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StaleIfError_CompletesABatchThatTheUpstreamFails()
    {
        await using EmbeddingProxy sut = await EmbeddingProxy.StartAsync(new() { ["Exact:TtlSeconds"] = "60", ["Exact:StaleIfErrorSeconds"] = "600", ["Flight:FailureHoldMilliseconds"] = "0" });
        await sut.AskAsync("a");
        await sut.SettleAsync();
        sut.Proxy.Clock.Advance(TimeSpan.FromSeconds(70));
        await sut.AskAsync("b");
        await sut.SettleAsync();
        sut.Script = (context, _, _) =>
        {
            context.Response.StatusCode = 500;
            return context.Response.WriteAsync("no");
        };

        Reply covered = await sut.AskAsync(new[] { "a", "b" });
        Reply alone = await sut.AskAsync("a");
        Reply uncovered = await sut.AskAsync(new[] { "a", "c" });

        Assert.StartsWith("CacheProxy; hit; detail=stale", covered.CacheStatus);
        Assert.Equal([EmbeddingUpstream.Vector("a"), EmbeddingUpstream.Vector("b")], covered.Vectors());
        Assert.Equal(200, alone.Status);
        Assert.Equal((500, "no"), (uncovered.Status, uncovered.Text));
    }

    [Fact]
    public async Task Entries_OutliveARestartInOneTurn()
    {
        DirectoryInfo data = Directory.CreateTempSubdirectory("cacheproxy-embeddings-");
        try
        {
            string[] texts = [.. Enumerable.Range(0, 600).Select(i => $"text {i}")];
            var settings = new Dictionary<string, string> { ["Data:Path"] = data.FullName, ["Data:BudgetMilliseconds"] = "5000" };
            await using (EmbeddingProxy first = await EmbeddingProxy.StartAsync(settings))
            {
                await first.AskAsync(texts);
                await first.SettleAsync();
            }

            await using EmbeddingProxy second = await EmbeddingProxy.StartAsync(settings);
            Reply reply = await second.AskAsync(texts);

            Assert.Equal("600/600", reply.Inputs());
            Assert.Equal(texts.Select(text => EmbeddingUpstream.Vector(text)), reply.Vectors());
            Assert.Equal(0, second.Proxy.Upstream.Calls);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }
}
