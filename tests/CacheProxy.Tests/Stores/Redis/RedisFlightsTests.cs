using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Flight;
using CacheProxy.Flight.Shared;
using CacheProxy.Stores.Redis;
using CacheProxy.Stores.Resilience;
using CacheProxy.Tests.SemanticCache;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.Stores.Redis;

public class RedisFlightsTests
{
    private static readonly FlightKey s_key = new(SampleEntries.Fingerprint(1), Dialect.OpenAIChat, FlightMode.Stream);

    [Fact]
    public async Task Claim_FirstLeads_OthersFollowItsLog()
    {
        using RedisServer server = await RedisServer.StartNewAsync();
        using RedisFlights first = Connect(server), second = Connect(server);

        SharedFlightClaim leader = await ClaimAsync(first);
        SharedFlightClaim follower = await ClaimAsync(second);

        Assert.Equal(SharedFlightRole.Leader, leader.Role);
        Assert.Equal(SharedFlightRole.Follower, follower.Role);
        Assert.Equal(leader.Log!.Token, follower.Log!.Token);
        Assert.False(await leader.Log.HasFollowersAsync(CancellationToken.None));
        Assert.True((await follower.Log.ReadAsync(0, CancellationToken.None)).IsEmpty);
        Assert.True(await leader.Log.HasFollowersAsync(CancellationToken.None));
        Assert.True(await leader.Log.AppendAsync(new byte[] { 0, 1, 255 }, CancellationToken.None));
        Assert.Equal([1, 255], (await follower.Log.ReadAsync(1, CancellationToken.None)).ToArray());
        Assert.Equal(SharedFlightRole.Leader, (await second.ClaimAsync(s_key with { Mode = FlightMode.Object }, default, CancellationToken.None)).Role);
    }

    [Fact]
    public async Task Leader_WhoseLeaseEnded_WritesNothingIntoItsSuccessors()
    {
        using RedisServer server = await RedisServer.StartNewAsync();
        using RedisFlights first = Connect(server, leaseMilliseconds: 300), second = Connect(server, leaseMilliseconds: 30_000);
        SharedFlightClaim old = await ClaimAsync(first);
        Assert.True(await old.Log!.AppendAsync(Encoding.UTF8.GetBytes("old"), CancellationToken.None));

        SharedFlightClaim fresh = default;
        await Wait.UntilAsync(async () => (fresh = await second.ClaimAsync(s_key, default, CancellationToken.None)).Role == SharedFlightRole.Leader, "the lease's end");
        Assert.False(await old.Log.AppendAsync(Encoding.UTF8.GetBytes("late"), CancellationToken.None));
        await old.Log.ReleaseAsync(TimeSpan.Zero, hasLanded: true);
        Assert.True(await fresh.Log!.AppendAsync(Encoding.UTF8.GetBytes("new"), CancellationToken.None));

        SharedFlightClaim follower = await ClaimAsync(first);
        Assert.Equal(SharedFlightRole.Follower, follower.Role);
        Assert.Equal("new", Encoding.UTF8.GetString((await follower.Log!.ReadAsync(0, CancellationToken.None)).Span));
        Assert.False(await old.Log.IsHeldAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Release_OfAnAnswerThatLanded_TellsTheNextLeader()
    {
        using RedisServer server = await RedisServer.StartNewAsync();
        using RedisFlights first = Connect(server), second = Connect(server);
        SharedFlightClaim leader = await ClaimAsync(first);
        Assert.False(leader.HasLanded);
        await leader.Log!.ReleaseAsync(TimeSpan.Zero, hasLanded: true);

        SharedFlightClaim next = await ClaimAsync(second);

        Assert.Equal(SharedFlightRole.Leader, next.Role);
        Assert.True(next.HasLanded);
        // In any form: it was the question that was answered.
        Assert.True((await second.ClaimAsync(s_key with { Mode = FlightMode.Object }, default, CancellationToken.None)).HasLanded);
    }

    [Fact]
    public async Task Append_WakesReaders()
    {
        using RedisServer server = await RedisServer.StartNewAsync();
        using RedisFlights first = Connect(server), second = Connect(server);
        SharedFlightClaim leader = await ClaimAsync(first), follower = await ClaimAsync(second);
        int woken = 0;
        await using IAsyncDisposable subscription = await follower.Log!.SubscribeAsync(() => Interlocked.Increment(ref woken), CancellationToken.None);

        await leader.Log!.AppendAsync(new byte[] { 1 }, CancellationToken.None);

        await Wait.UntilAsync(() => Volatile.Read(ref woken) > 0, "the call");
    }

    [Fact]
    public async Task Claim_WithoutRedis_IsAloneWithinTheBudget()
    {
        using RedisServer server = RedisServer.Create();
        using RedisFlights flights = Connect(server, budgetMilliseconds: 50);

        Assert.Equal(SharedFlightRole.Alone, (await flights.ClaimAsync(s_key, default, CancellationToken.None)).Role);
    }

    private static async Task<SharedFlightClaim> ClaimAsync(RedisFlights flights)
    {
        // The first call may come before the connection stands.
        SharedFlightClaim claim = default;
        await Wait.UntilAsync(async () => (claim = await flights.ClaimAsync(s_key, default, CancellationToken.None)).Role != SharedFlightRole.Alone, "a connection");
        return claim;
    }

    private static RedisFlights Connect(RedisServer server, int leaseMilliseconds = 2000, int budgetMilliseconds = 2000) => new(
        new RedisOptions { Url = server.Url, BudgetMilliseconds = budgetMilliseconds },
        new TestOptions<FlightOptions>(new FlightOptions { LeaseMilliseconds = leaseMilliseconds }),
        new ResilientCall("redis flights", new ResilienceOptions { Budget = TimeSpan.FromMilliseconds(budgetMilliseconds), BreakDuration = TimeSpan.FromSeconds(1) }, TimeProvider.System, NullLogger<ResilientCall>.Instance),
        TimeProvider.System);
}
