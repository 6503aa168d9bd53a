using CacheProxy.Protocol;
using CacheProxy.Tests.Functional;
using CacheProxy.Tests.Functional.Admin;
using CacheProxy.Tests.Stores;
using CacheProxy.Tests.Stores.Redis;

namespace CacheProxy.Tests.Invalidation;

/// <summary>Two proxies that share one Redis.</summary>
public sealed class SharedInvalidationTests : IAsyncLifetime
{
    private RedisServer? _redis;
    private ProxyUnderTest? _one;
    private ProxyUnderTest? _other;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartNewAsync();
        _one = await StartAsync();
        _other = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _one!.DisposeAsync();
        await _other!.DisposeAsync();
        _redis!.Dispose();
    }

    [Fact]
    public async Task Bump_OnOne_IsAMissOnTheOther()
    {
        await FillBothAsync();

        Assert.True((await _one!.ActAsync("/admin/epochs/kb")).Json.GetProperty("shared").GetBoolean());

        await UntilAMissAsync(_other!);
        Assert.Equal(1, (await _other!.GetAsync("/admin/epochs")).Json.GetProperty("epochs").GetProperty("kb").GetInt32());
    }

    [Fact]
    public async Task Purge_OnOne_LeavesTheOthersMemory()
    {
        await FillBothAsync();

        Assert.True((await _one!.ActAsync("/admin/purge", """{"tag":"a","dry_run":false}""")).Json.GetProperty("shared").GetBoolean());

        await UntilAMissAsync(_other!);
    }

    [Fact]
    public async Task Bump_WhileRedisIsGone_HoldsHereAndIsToldLater()
    {
        await FillBothAsync();
        await _redis!.KillAsync();

        Assert.False((await _one!.ActAsync("/admin/epochs/kb")).Json.GetProperty("shared").GetBoolean());
        Assert.StartsWith("CacheProxy; fwd=miss", (await AskAsync(_one!)).CacheStatus);
        Assert.StartsWith("CacheProxy; hit", (await AskAsync(_other!)).CacheStatus);

        await _redis.StartAsync();
        await UntilAMissAsync(_other!);
    }

    [Fact]
    public async Task Purge_WhileRedisIsGone_IsToldLater()
    {
        await FillBothAsync();
        await _redis!.KillAsync();

        Reply purge = await _one!.ActAsync("/admin/purge", """{"tag":"a","dry_run":false}""");
        Assert.Equal(503, purge.Status);
        await _redis.StartAsync();

        await UntilAMissAsync(_other!);
    }

    private Task<ProxyUnderTest> StartAsync() => ProxyUnderTest.StartAsync(new()
    {
        ["Redis:Url"] = _redis!.Url,
        ["Redis:BudgetMilliseconds"] = "2000",
        ["Tenants:Secret"] = "a secret of more than thirty-two characters",
    });

    private async Task FillBothAsync()
    {
        await AskAsync(_one!);
        await Wait.UntilAsync(async () => (await AskAsync(_other!)).CacheStatus!.StartsWith("CacheProxy; hit", StringComparison.Ordinal), "a hit on both");
        Assert.StartsWith("CacheProxy; hit", (await AskAsync(_one!)).CacheStatus);
    }

    private static Task<Reply> AskAsync(ProxyUnderTest proxy)
        => proxy.AskAsync("one", headers: [(HeaderNames.Namespace, "kb"), (HeaderNames.Tags, "a")]);

    // The proxies' clock is the test's: their look at Redis comes when it moves.
    private async Task UntilAMissAsync(ProxyUnderTest proxy)
        => await Wait.UntilAsync(
            async () =>
            {
                _one!.Clock.Advance(TimeSpan.FromSeconds(1));
                _other!.Clock.Advance(TimeSpan.FromSeconds(1));
                return (await AskAsync(proxy)).CacheStatus!.StartsWith("CacheProxy; fwd=miss", StringComparison.Ordinal);
            },
            "a miss");
}
