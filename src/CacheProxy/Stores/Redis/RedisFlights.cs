using CacheProxy.Flight;
using CacheProxy.Flight.Shared;
using CacheProxy.Stores.Resilience;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace CacheProxy.Stores.Redis;

// Keys: <prefix>:f:<version>:{<fingerprint, 64 hex digits>} followed by
//
//   :<dialect>-<mode>          the lease: RedisLease of the flight that makes the answer in this form; ends by itself when not renewed
//   :<dialect>-<mode>:<token>  the log of that flight (FlightFrame)
//   :<token>:wanted            another proxy waits for it
//   :landed                    an answer in some form became an entry moments ago
//
// The braces keep all keys of a question in one slot of a cluster: a script touches several.

/// <summary>
/// Flights of several proxies through their Redis: a lease with a token for each (SET NX PX), a log under the token's name, and a
/// channel that wakes those who read. On a connection of its own, so that answers under way hold up no look-up.
/// </summary>
public sealed class RedisFlights : ISharedFlights, IDisposable
{
    private const int Version = 2;

    // Long enough for whoever looked before the entry was stored to have asked here; it costs those a look-up and nobody an answer.
    private const int LandedMilliseconds = 2000;

    private const string Claim = """
        local holder = redis.call('GET', KEYS[1])
        if holder then return {0, holder} end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return {1, redis.call('EXISTS', KEYS[2])}
        """;

    private readonly RedisConnection _connection;
    private readonly IOptionsMonitor<FlightOptions> _flights;
    private readonly ResilientCall _call;
    private readonly TimeProvider _clock;
    private readonly string _keyStart;

    /// <exception cref="ArgumentException">The URL cannot be read; the message says why.</exception>
    public RedisFlights(RedisOptions options, IOptionsMonitor<FlightOptions> flights, ResilientCall call, TimeProvider clock)
    {
        if (!RedisUrl.TryParse(options.Url, out ConfigurationOptions? configuration, out string? error))
        {
            throw new ArgumentException($"{RedisOptions.Section}:{nameof(options.Url)}: {error}.", nameof(options));
        }

        _connection = new RedisConnection(configuration);
        _flights = flights;
        _call = call;
        _clock = clock;
        _keyStart = $"{options.KeyPrefix}:f:{Version}:{{";
        Budget = TimeSpan.FromMilliseconds(options.BudgetMilliseconds);
        _connection.Begin();
    }

    internal TimeSpan Budget { get; }

    internal TimeSpan LeaseTime => TimeSpan.FromMilliseconds(_flights.CurrentValue.LeaseMilliseconds);

    internal TimeProvider Clock => _clock;

    public async ValueTask<SharedFlightClaim> ClaimAsync(FlightKey key, SharedFlightNotice notice, CancellationToken cancellationToken)
    {
        CallResult<SharedFlightClaim> result = await _call.TryAsync(
            (Flights: this, key, notice), static (work, token) => work.Flights.AskAsync(work.key, work.notice, token), cancellationToken);
        return result.Succeeded ? result.Value : Alone;
    }

    public void Dispose() => _connection.Dispose();

    internal ValueTask<ConnectionMultiplexer> ConnectAsync(CancellationToken cancellationToken) => _connection.GetAsync(cancellationToken);

    private async ValueTask<SharedFlightClaim> AskAsync(FlightKey key, SharedFlightNotice notice, CancellationToken cancellationToken)
    {
        ConnectionMultiplexer redis = await _connection.GetAsync(cancellationToken);
        string question = $"{_keyStart}{key.Fingerprint}}}";
        string form = $"{question}:{(int)key.Dialect}-{(int)key.Mode}";
        var own = RedisLease.New(notice);
        RedisResult[]? reply = (RedisResult[]?)await redis.GetDatabase().ScriptEvaluateAsync(
            Claim, [form, $"{question}:landed"], [own.Text, (long)LeaseTime.TotalMilliseconds]);
        if (reply is null || reply.Length != 2)
        {
            throw new IOException("Redis gave no answer to a claim");
        }

        if ((int)reply[0] == 0)
        {
            return RedisLease.TryParse((string?)reply[1], out RedisLease holder)
                ? new SharedFlightClaim(SharedFlightRole.Follower, new RedisFlightLog(this, question, form, holder), HasLanded: false, holder.Notice)
                : Alone;
        }

        var log = new RedisFlightLog(this, question, form, own);
        if (cancellationToken.IsCancellationRequested)
        {
            // Too late: the request went on alone, and nobody would write what others would wait for.
            await log.ReleaseAsync(TimeSpan.Zero, hasLanded: false);
        }

        return new SharedFlightClaim(SharedFlightRole.Leader, log, HasLanded: (int)reply[1] == 1, notice);
    }

    private static SharedFlightClaim Alone => new(SharedFlightRole.Alone, null, HasLanded: false, default);

    internal static int LandedFor => LandedMilliseconds;
}
