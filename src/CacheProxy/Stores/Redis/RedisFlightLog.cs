using CacheProxy.Flight.Shared;
using StackExchange.Redis;

namespace CacheProxy.Stores.Redis;

/// <summary>One flight's log. Every write is a script that first compares the lease's token: who lost the lease writes nothing any more.</summary>
internal sealed class RedisFlightLog(RedisFlights flights, string question, string form, RedisLease lease) : ISharedFlightLog
{
    private const int MostReadAtOnce = 1 << 20;

    private const string Append = """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        if #ARGV[4] > 0 then
          redis.call('APPEND', KEYS[2], ARGV[4])
          redis.call('PUBLISH', ARGV[5], '')
        end
        redis.call('PEXPIRE', KEYS[2], ARGV[3])
        return 1
        """;

    // The log outlives the lease: whoever knows of it reads it to its end.
    private const string Release = """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        if ARGV[3] == '1' then redis.call('SET', KEYS[3], '1', 'PX', ARGV[4]) end
        if ARGV[2] == '0' then redis.call('DEL', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
        redis.call('PUBLISH', ARGV[5], '')
        return 1
        """;

    // For what no request waits for.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly string _token = lease.Token.ToString("N");
    private long _wantedAt = long.MinValue;

    public Guid Token => lease.Token;

    private RedisKey Log => $"{form}:{_token}";

    private RedisKey Wanted => $"{question}:{_token}:wanted";

    private RedisChannel Channel => (RedisChannel)$"{form}:{_token}";

    private TimeSpan LogLife => (flights.LeaseTime * 4) + TimeSpan.FromSeconds(5);

    public async ValueTask<bool> AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        IDatabase database = (await flights.ConnectAsync(cancellationToken)).GetDatabase();
        RedisResult written = await database.ScriptEvaluateAsync(
            Append,
            [form, Log],
            [lease.Text, Milliseconds(flights.LeaseTime), Milliseconds(LogLife), bytes.ToArray(), (string)Channel!]).WaitAsync(s_patience, flights.Clock, cancellationToken);
        return (int)written == 1;
    }

    public async ValueTask<bool> HasFollowersAsync(CancellationToken cancellationToken)
    {
        IDatabase database = (await flights.ConnectAsync(cancellationToken)).GetDatabase();
        return await database.KeyExistsAsync(Wanted).WaitAsync(s_patience, flights.Clock, cancellationToken);
    }

    public async ValueTask ReleaseAsync(TimeSpan hold, bool hasLanded)
    {
        IDatabase database = (await flights.ConnectAsync(CancellationToken.None)).GetDatabase();
        await database.ScriptEvaluateAsync(
            Release,
            [form, Log, $"{question}:landed"],
            [lease.Text, Milliseconds(hold), hasLanded ? "1" : "0", RedisFlights.LandedFor, (string)Channel!]).WaitAsync(s_patience, flights.Clock);
    }

    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(long position, CancellationToken cancellationToken)
    {
        IDatabase database = (await flights.ConnectAsync(cancellationToken)).GetDatabase();
        long now = flights.Clock.GetTimestamp();
        if (_wantedAt == long.MinValue || flights.Clock.GetElapsedTime(_wantedAt, now) > flights.LeaseTime / 4)
        {
            _wantedAt = now;
            await database.StringSetAsync(Wanted, "1", flights.LeaseTime).WaitAsync(flights.Budget, flights.Clock, cancellationToken);
        }

        byte[]? bytes = await database.StringGetRangeAsync(Log, position, position + MostReadAtOnce - 1).WaitAsync(flights.Budget, flights.Clock, cancellationToken);
        return bytes;
    }

    public async ValueTask<bool> IsHeldAsync(CancellationToken cancellationToken)
    {
        IDatabase database = (await flights.ConnectAsync(cancellationToken)).GetDatabase();
        return await database.StringGetAsync(form).WaitAsync(flights.Budget, flights.Clock, cancellationToken) == lease.Text;
    }

    public async ValueTask<IAsyncDisposable> SubscribeAsync(Action wake, CancellationToken cancellationToken)
    {
        ConnectionMultiplexer redis = await flights.ConnectAsync(cancellationToken);
        var subscription = new Subscription(redis, Channel, wake);
        await subscription.BeginAsync().WaitAsync(s_patience, flights.Clock, cancellationToken);
        return subscription;
    }

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;

    /// <summary>Wakes on a message, and when the connection breaks: there will be none then.</summary>
    private sealed class Subscription(ConnectionMultiplexer redis, RedisChannel channel, Action wake) : IAsyncDisposable
    {
        public Task BeginAsync()
        {
            redis.ConnectionFailed += OnFailed;
            return redis.GetSubscriber().SubscribeAsync(channel, OnMessage);
        }

        public ValueTask DisposeAsync()
        {
            redis.ConnectionFailed -= OnFailed;
            // Not waited for: an answer that is complete must not wait for a Redis that is gone.
            redis.GetSubscriber().UnsubscribeAsync(channel, OnMessage, CommandFlags.FireAndForget);
            return ValueTask.CompletedTask;
        }

        private void OnMessage(RedisChannel from, RedisValue message) => wake();

        private void OnFailed(object? sender, ConnectionFailedEventArgs failure) => wake();
    }
}
