using System.Globalization;
using CacheProxy.Stores.Redis;
using StackExchange.Redis;

namespace CacheProxy.Invalidation;

// {<prefix>:inv}:epochs   hash, namespace to epoch; only ever rises
// {<prefix>:inv}:number   how many purges there were
// {<prefix>:inv}:purges   sorted set, the last thousand purges by their number: "<number> <sender> <selector>"
//
// One hash tag: a script's keys must be in one slot of a cluster.

/// <summary>What Redis keeps of epochs and purges. Every call may throw.</summary>
internal sealed class RedisJournal(RedisEntryStore store, string prefix)
{
    private const string Raise = """
        local now = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0')
        local new = math.max(now, tonumber(ARGV[2])) + tonumber(ARGV[3])
        redis.call('HSET', KEYS[1], ARGV[1], new)
        return new
        """;

    private const string Append = """
        local number = redis.call('INCR', KEYS[1])
        redis.call('ZADD', KEYS[2], number, number .. ' ' .. ARGV[1])
        redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1001)
        return number
        """;

    private readonly RedisKey _epochs = $"{{{prefix}:inv}}:epochs";
    private readonly RedisKey _number = $"{{{prefix}:inv}}:number";
    private readonly RedisKey _purges = $"{{{prefix}:inv}}:purges";

    public async Task<Dictionary<string, int>> ReadEpochsAsync(CancellationToken cancellationToken)
    {
        IDatabase database = await store.GetDatabaseAsync(cancellationToken);
        HashEntry[] fields = await database.HashGetAllAsync(_epochs).WaitAsync(cancellationToken);
        return fields.Where(field => (int?)field.Value is > 0).ToDictionary(field => (string)field.Name!, field => (int)field.Value, StringComparer.Ordinal);
    }

    /// <returns>One more than the higher of what is there and <paramref name="known"/>.</returns>
    public Task<int> BumpAsync(string space, int known, CancellationToken cancellationToken) => RaiseAsync(space, known, by: 1, cancellationToken);

    public Task<int> RaiseAsync(string space, int epoch, CancellationToken cancellationToken) => RaiseAsync(space, epoch, by: 0, cancellationToken);

    /// <returns>The purge's number.</returns>
    public async Task<long> AppendAsync(string message, CancellationToken cancellationToken)
    {
        IDatabase database = await store.GetDatabaseAsync(cancellationToken);
        return (long)await database.ScriptEvaluateAsync(Append, [_number, _purges], [message]).WaitAsync(cancellationToken);
    }

    /// <returns>The newest purge's number.</returns>
    public async Task<long> ReadNumberAsync(CancellationToken cancellationToken)
    {
        IDatabase database = await store.GetDatabaseAsync(cancellationToken);
        RedisValue number = await database.StringGetAsync(_number).WaitAsync(cancellationToken);
        return number.IsNull ? 0 : (long)number;
    }

    /// <returns>The newest purge's number, and those after <paramref name="seen"/> that are still kept, in their order.</returns>
    public async Task<(long Newest, IReadOnlyList<JournalLine> Lines)> ReadAsync(long seen, CancellationToken cancellationToken)
    {
        IDatabase database = await store.GetDatabaseAsync(cancellationToken);
        RedisValue number = await database.StringGetAsync(_number).WaitAsync(cancellationToken);
        long newest = number.IsNull ? 0 : (long)number;
        if (newest == seen)
        {
            return (newest, []);
        }

        // Up to the number read: what came since is for the next look, else it would be seen twice.
        RedisValue[] lines = await database.SortedSetRangeByScoreAsync(_purges, seen + 1, newest).WaitAsync(cancellationToken);
        return (newest, [.. lines.Select(line => Parse(line!))]);
    }

    private static JournalLine Parse(string line)
    {
        string[] parts = line.Split(' ', 3);
        return new JournalLine(long.Parse(parts[0], CultureInfo.InvariantCulture), parts[1], parts[2]);
    }

    private async Task<int> RaiseAsync(string space, int epoch, int by, CancellationToken cancellationToken)
    {
        IDatabase database = await store.GetDatabaseAsync(cancellationToken);
        return (int)await database.ScriptEvaluateAsync(Raise, [_epochs], [space, epoch, by]).WaitAsync(cancellationToken);
    }
}
