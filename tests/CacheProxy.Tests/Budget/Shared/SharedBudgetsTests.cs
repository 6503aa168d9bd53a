using CacheProxy.Budget;
using CacheProxy.Budget.Shared;
using CacheProxy.Stores.Redis;
using CacheProxy.TestKit;
using CacheProxy.Tests.Stores;
using CacheProxy.Tests.Stores.Redis;
using Microsoft.Extensions.Logging;

namespace CacheProxy.Tests.Budget.Shared;

/// <summary>Several proxies and a real Redis, which is killed, emptied and stopped under them.</summary>
public sealed class SharedBudgetsTests
{
    [Fact]
    public async Task Claims_OfManyProxiesAtOnce_NeverExceedALimit_AndUseAllOfIt()
    {
        using RedisServer redis = await RedisServer.StartNewAsync();
        BudgetNode[] nodes = [.. Enumerable.Range(0, 4).Select(_ => Node(redis, new BudgetOptions { Requests = 100 }, new BudgetOptions { Requests = 1000, Tokens = 100_000 }))];
        await Task.WhenAll(nodes.Select(node => node.ConnectAsync()));

        BudgetRefusal?[] refusals = await Task.WhenAll(nodes.SelectMany(node => Enumerable.Range(0, 75).Select(_ => Task.Run(() => node.TryAsync(tokens: 10)))));

        Assert.Equal(100, refusals.Count(refusal => refusal is null));
        Assert.All(refusals, refusal => Assert.True(refusal is null or { Unit: BudgetUnit.Requests, Window.Account.Key.Budget: "b0" }));
        foreach (BudgetNode node in nodes)
        {
            await node.RefreshAsync();
            // All or none: what the first budget refused is in no other either.
            Assert.Equal([new BudgetAmount(100, 1000, 0), new BudgetAmount(100, 1000, 0)], node.Windows().Select(window => window.Used));
            node.Dispose();
        }
    }

    [Fact]
    public async Task Settling_ReachesTheOthers_AndGivesBackWhatWasTooMuch()
    {
        using RedisServer redis = await RedisServer.StartNewAsync();
        using BudgetNode first = Node(redis, new BudgetOptions { Tokens = 100 }), second = Node(redis, new BudgetOptions { Tokens = 100 });
        await first.ConnectAsync();
        await second.ConnectAsync();
        Assert.Null(await first.TryAsync(tokens: 90));
        Assert.Equal(BudgetUnit.Tokens, (await second.TryAsync(tokens: 20))?.Unit);

        first.Add(new BudgetAmount(0, -60, 0));
        await first.RefreshAsync();

        Assert.Null(await second.TryAsync(tokens: 70));
        Assert.Equal(new BudgetAmount(2, 100, 0), second.Used);
        Assert.NotNull(await first.TryAsync(tokens: 1));
    }

    [Fact]
    public async Task RedisKilled_EachGoesOnAlone_AndTheirCountsAreOneAgainInAnEmptyOne()
    {
        using RedisServer redis = await RedisServer.StartNewAsync();
        using BudgetNode first = Node(redis, new BudgetOptions { Requests = 20 }), second = Node(redis, new BudgetOptions { Requests = 20 });
        await first.ConnectAsync();
        await second.ConnectAsync();
        await TakeAsync(first, 5);
        await TakeAsync(second, 6);
        await first.RefreshAsync();

        await redis.KillAsync();
        // The first knows of 11, the second of its own 6 and the 5 that were there before: neither forgets the other.
        await TakeAsync(first, 4);
        await TakeAsync(second, 2);
        Assert.Equal((15, 13), (first.Used.Requests, second.Used.Requests));
        Assert.Single(first.Log.Lines, line => line.Level == LogLevel.Warning);

        await redis.StartAsync();
        await first.ConnectAsync();
        await second.ConnectAsync();
        await first.RefreshAsync();
        Assert.Equal((17, 17), (first.Used.Requests, second.Used.Requests));

        // Told again and again, nothing is added twice.
        await first.RefreshAsync();
        await second.RefreshAsync();
        await TakeAsync(first, 3);
        Assert.NotNull(await second.TryAsync());
        Assert.Equal((20, 20), (first.Used.Requests, second.Used.Requests));
    }

    [Fact]
    public async Task RedisEmptied_WhatAProxyThatIsGoneHadUsed_IsRemembered()
    {
        using RedisServer redis = await RedisServer.StartNewAsync();
        using (BudgetNode gone = Node(redis, new BudgetOptions { Requests = 10 }))
        {
            await gone.ConnectAsync();
            await TakeAsync(gone, 4);
        }

        using BudgetNode left = Node(redis, new BudgetOptions { Requests = 10 });
        await left.ConnectAsync();
        await TakeAsync(left, 3);
        Assert.Equal("+OK", await redis.CommandAsync("FLUSHALL"));

        await TakeAsync(left, 3);
        Assert.NotNull(await left.TryAsync());
        using BudgetNode fresh = Node(redis, new BudgetOptions { Requests = 10 });
        await fresh.ConnectAsync();
        Assert.Equal(10, fresh.Used.Requests);
    }

    [Fact]
    public async Task RedisThatHangs_CostsItsBudget_AndWhatItDidTooLateIsNotCountedTwice()
    {
        using RedisServer redis = await RedisServer.StartNewAsync();
        using BudgetNode node = HastyNode(redis, new BudgetOptions { Requests = 100 });
        using BudgetNode other = Node(redis, new BudgetOptions { Requests = 100 });
        await node.ConnectAsync();
        await other.ConnectAsync();
        await redis.StallAsync();
        // Sent, and done by Redis when it goes on; decided here meanwhile.
        await TakeAsync(node, 3);
        Assert.True(node.Shared!.IsAlone);

        await redis.ContinueAsync();
        await node.ConnectAsync();
        await other.RefreshAsync();

        Assert.Equal((3, 3), (node.Used.Requests, other.Used.Requests));
    }

    [Fact]
    public async Task Call_ThatArrivesBehindANewerOne_DoesNothing()
    {
        using RedisServer redis = await RedisServer.StartNewAsync();
        using var store = new RedisBudgets(new RedisOptions { Url = redis.Url }, RedisCall());
        SharedBudgetCall Call(long version, long requests) => new(
            "p", version, [new SharedBudgetWindow("w", TimeSpan.FromHours(1), new BudgetAmount(requests, 0, 0), false, new BudgetLimits(10, -1, -1))],
            [new SharedBudgetClaim(new BudgetAmount(1, 0, 0), [0])]);
        SharedBudgetReply? newer = null;
        await Wait.UntilAsync(async () => (newer = await store.TellAsync(Call(7, 3), CancellationToken.None)) is not null, "a connection");

        Assert.Null(await store.TellAsync(Call(6, 9), CancellationToken.None));
        var all = await store.MergeAsync(Call(8, 0).Windows[0], new Dictionary<string, BudgetShare> { ["p"] = new(5, default), ["q"] = new(1, new(2, 0, 0)) }, CancellationToken.None);

        Assert.Equal(new BudgetAmount(4, 0, 0), Assert.Single(newer!.Totals));
        Assert.Equal(new BudgetShare(7, new BudgetAmount(4, 0, 0)), all!["p"]);
        Assert.Equal(new BudgetAmount(5, 0, 0), Assert.Single((await store.TellAsync(Call(9, 3) with { Claims = [] }, CancellationToken.None))!.Totals));
        Assert.InRange(int.Parse((await redis.CommandAsync("TTL cp:b:1:{budgets}:w"))![1..], System.Globalization.CultureInfo.InvariantCulture), 3000, 3600);
    }

    [Fact]
    public async Task Clock_ThatWasWrong_CountsInItsOwnWindow_AndFindsTheRightOneAgain()
    {
        using RedisServer redis = await RedisServer.StartNewAsync();
        var wrong = new FakeTimeProvider();
        wrong.Advance(TimeSpan.FromDays(400));
        BudgetsOptions Limits() => BudgetNode.Limits(new BudgetOptions { Requests = 3, Window = BudgetWindow.Day });
        using BudgetNode right = new(Limits(), redis, new FakeTimeProvider()), other = new(Limits(), redis, wrong);
        await right.ConnectAsync();
        await other.ConnectAsync();
        await TakeAsync(right, 2);
        await TakeAsync(other, 3);
        Assert.NotNull(await other.TryAsync());

        wrong.SetUtcNow(new FakeTimeProvider().GetUtcNow());
        await TakeAsync(other, 1);

        Assert.NotNull(await right.TryAsync());
        Assert.NotNull(await other.TryAsync());
        Assert.Equal((3, 3), (right.Used.Requests, other.Used.Requests));
    }

    [Fact]
    public async Task Store_ThatBreaks_LeavesNobodyWaiting()
    {
        using var node = new BudgetNode(BudgetNode.Limits(new BudgetOptions { Requests = 2 }));
        var log = new RecordedLog<SharedBudgets>();
        var shared = new SharedBudgets(node.Book, new BrokenStore(), TimeProvider.System, log);

        BudgetRefusal?[] refusals = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => shared.TryAddAsync(node.Windows(), new BudgetAmount(1, 0, 0))));

        Assert.Equal(2, refusals.Count(refusal => refusal is null));
        Assert.True(shared.IsAlone);
        Assert.Contains(log.Lines, line => line.Level == LogLevel.Error);
    }

    private sealed class BrokenStore : ISharedBudgetStore
    {
        public ValueTask<SharedBudgetReply?> TellAsync(SharedBudgetCall call, CancellationToken cancellationToken) => throw new InvalidOperationException("broken");

        public ValueTask<IReadOnlyDictionary<string, BudgetShare>?> MergeAsync(
            SharedBudgetWindow window, IReadOnlyDictionary<string, BudgetShare> known, CancellationToken cancellationToken)
            => ValueTask.FromResult<IReadOnlyDictionary<string, BudgetShare>?>(new Dictionary<string, BudgetShare>());
    }

    private static async Task TakeAsync(BudgetNode node, int requests)
    {
        for (int i = 0; i < requests; i++)
        {
            Assert.Null(await node.TryAsync());
        }
    }

    private static CacheProxy.Stores.Resilience.ResilientCall RedisCall() => new(
        "redis budgets", new() { Budget = TimeSpan.FromSeconds(2) }, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<CacheProxy.Stores.Resilience.ResilientCall>.Instance);

    private static BudgetNode Node(RedisServer redis, params BudgetOptions[] budgets) => new(BudgetNode.Limits(budgets), redis);

    private static BudgetNode HastyNode(RedisServer redis, BudgetOptions budget) => new(BudgetNode.Limits(budget), redis, budgetMilliseconds: 200);
}
