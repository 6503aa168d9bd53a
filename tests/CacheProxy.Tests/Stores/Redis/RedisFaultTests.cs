using System.Diagnostics;
using CacheProxy.Stores.Redis;
using CacheProxy.Stores.Resilience;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Stores.Redis;

/// <summary>The store behind its guard, as the proxy uses it, while the server goes and comes.</summary>
public sealed class RedisFaultTests : IDisposable
{
    // The guard's budget, and what a busy machine may add to it.
    private const int BudgetMs = 100;
    private const int SlackMs = 400;

    private static readonly ResilienceOptions Options = new()
    {
        Budget = TimeSpan.FromMilliseconds(BudgetMs),
        PatientBudget = TimeSpan.FromMilliseconds(500),
        BreakDuration = TimeSpan.FromMilliseconds(500),
    };

    private readonly RedisServer _server = RedisServer.Create();
    private readonly RecordedLog<ResilientCall> _log = new();
    private RedisEntryStore? _inner;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _inner?.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task DownAtStart_IsAMissWithinTheBudget_AndWorksOnceItIsUp()
    {
        GuardedEntryStore store = CreateSut();
        for (int i = 0; i < 10; i++)
        {
            await AssertMissWithinBudgetAsync(store);
        }

        await _server.StartAsync();
        await AssertComesToWorkAsync(store);

        Assert.Equal([LogLevel.Warning, LogLevel.Information], _log.Levels);
    }

    [Fact]
    public async Task KilledMidway_IsAMissWithinTheBudget_AndWorksAfterTheRestart()
    {
        await _server.StartAsync();
        GuardedEntryStore store = CreateSut();
        await AssertComesToWorkAsync(store);
        Assert.Empty(_log.Lines);

        await _server.KillAsync();
        for (int i = 0; i < 10; i++)
        {
            await AssertMissWithinBudgetAsync(store);
        }

        await Assert.ThrowsAsync<StoreUnavailableException>(
            async () => await store.RemoveAsync(SampleEntries.Fingerprint(1), Cancellation));
        await _server.StartAsync();
        await AssertComesToWorkAsync(store);

        Assert.Equal([LogLevel.Warning, LogLevel.Information], _log.Levels);
    }

    [Fact]
    public async Task Stalled_IsAMissWithinTheBudget_AndWorksWhenItContinues()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGSTOP.");
        await _server.StartAsync();
        GuardedEntryStore store = CreateSut();
        await AssertComesToWorkAsync(store);

        await _server.StallAsync();
        for (int i = 0; i < 10; i++)
        {
            await AssertMissWithinBudgetAsync(store);
        }

        await _server.ContinueAsync();
        await AssertComesToWorkAsync(store);

        Assert.InRange(store.Call.Counts.TimedOut, 2, 10);
        Assert.Equal([LogLevel.Warning, LogLevel.Information], _log.Levels);
    }

    [Fact]
    public async Task WrongPassword_IsAMiss()
    {
        await _server.StartAsync();
        await _server.CommandAsync("CONFIG SET requirepass secret");
        GuardedEntryStore store = CreateSut(_server.Url.Replace("//", "//:wrong@"));

        for (int i = 0; i < 4; i++)
        {
            await AssertMissWithinBudgetAsync(store);
        }

        Assert.Equal([LogLevel.Warning], _log.Levels);
        Assert.DoesNotContain("wrong", _log.Lines[0].Text);
    }

    [Fact]
    public async Task RightPasswordAndDatabase_Work()
    {
        await _server.StartAsync();
        await _server.CommandAsync("CONFIG SET requirepass s%40cret");
        GuardedEntryStore store = CreateSut(_server.Url.Replace("//", "//default:s%2540cret@") + "/3");

        await AssertComesToWorkAsync(store);
    }

    // Outside the runner's own threads: they are few, and another test may hold them.
    private static Task AssertMissWithinBudgetAsync(GuardedEntryStore store) => Task.Run(async () =>
    {
        long start = Stopwatch.GetTimestamp();
        Assert.Null(await store.GetAsync(SampleEntries.Fingerprint(1), Cancellation));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 0, BudgetMs + SlackMs);
    });

    private static async Task AssertComesToWorkAsync(GuardedEntryStore store)
        => await Wait.UntilAsync(
            async () =>
            {
                await store.SetAsync(SampleEntries.Plain(1, createdAt: TimeProvider.System.GetUtcNow()), Cancellation);
                return await store.GetAsync(SampleEntries.Fingerprint(1), Cancellation) is not null;
            },
            "the store keeps an entry",
            seconds: 30);

    private GuardedEntryStore CreateSut(string? url = null)
    {
        _inner = new RedisEntryStore(new RedisOptions { Url = url ?? _server.Url }, TimeProvider.System);
        return new GuardedEntryStore(_inner, new ResilientCall("redis", Options, TimeProvider.System, _log));
    }
}
