using System.Runtime.CompilerServices;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using StackExchange.Redis;

namespace CacheProxy.Stores.Redis;

/// <summary>
/// Entries in a Redis (or Redis Cluster) that several proxies share; Redis removes them when they are past their use. Only
/// calls that StackExchange.Redis has in both its first and second major version are used.
/// </summary>
public sealed class RedisEntryStore : IEntryStore, IDisposable
{
    // Fingerprints that are held while entries are read in order: 100 bytes each. A walk over all keys for every so many.
    private const int OrderedAtOnce = 1_000_000;

    private const int ReadAtOnce = 100;

    // The set lives as long as the longest of its members, and forgets those that are over.
    private const string AddMember = """
        redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[3])
        local rest = tonumber(ARGV[1]) - tonumber(ARGV[3]) + 1
        if redis.call('TTL', KEYS[1]) < rest then redis.call('EXPIRE', KEYS[1], rest) end
        return 1
        """;

    // Only in the place of that very entry, whose random id stands in the head: another proxy may have stored a newer one.
    private const string ReplaceEntry = """
        local head = redis.call('GETRANGE', KEYS[1], 0, ARGV[1])
        if not string.find(head, ARGV[2], 1, true) then return 0 end
        redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
        return 1
        """;

    private readonly RedisConnection _connection;
    private readonly RedisKeys _keys;
    private readonly RedisSelection _selection;
    private readonly long _largestBytes;
    private readonly TimeProvider _time;
    private long _dropped;

    /// <exception cref="ArgumentException">The URL cannot be read; the message says why.</exception>
    public RedisEntryStore(RedisOptions options, TimeProvider time)
    {
        if (!RedisUrl.TryParse(options.Url, out ConfigurationOptions? configuration, out string? error))
        {
            throw new ArgumentException($"{RedisOptions.Section}:{nameof(options.Url)}: {error}.", nameof(options));
        }

        _connection = new RedisConnection(configuration);
        _keys = new RedisKeys(options.KeyPrefix);
        _selection = new RedisSelection(_connection, _keys);
        _largestBytes = (long)options.LargestEntryKilobytes << 10;
        _time = time;
    }

    public string Name => "redis";

    /// <summary>Entries that were too large to be sent.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public async ValueTask<CacheEntry?> GetAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken)
    {
        IDatabase database = await _connection.GetDatabaseAsync(cancellationToken);
        byte[]? value;
        try
        {
            value = await database.StringGetAsync(_keys.Entry(fingerprint));
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
        {
            // Somebody else's value under our key: Redis itself is well.
            return null;
        }

        return RedisHead.Decode(value, fingerprint) is { } entry && entry.UsableUntil > _time.GetUtcNow() ? entry : null;
    }

    /// <summary>All are asked for before the first answer is awaited: one round trip. Not MGET, which a cluster refuses across its slots.</summary>
    public async ValueTask GetManyAsync(ReadOnlyMemory<Fingerprint256> fingerprints, Memory<CacheEntry?> entries, CancellationToken cancellationToken)
    {
        IDatabase database = await _connection.GetDatabaseAsync(cancellationToken);
        var values = new Task<RedisValue>[fingerprints.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = database.StringGetAsync(_keys.Entry(fingerprints.Span[i]));
        }

        for (int i = 0; i < values.Length; i++)
        {
            byte[]? value;
            try
            {
                value = await values[i];
            }
            catch (RedisServerException exception) when (exception.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
            {
                continue;
            }

            if (RedisHead.Decode(value, fingerprints.Span[i]) is { } entry && entry.UsableUntil > _time.GetUtcNow())
            {
                entries.Span[i] = entry;
            }
        }
    }

    /// <summary>All are sent before the first is confirmed.</summary>
    public async ValueTask SetManyAsync(ReadOnlyMemory<CacheEntry> entries, CancellationToken cancellationToken)
    {
        var writes = new Task[entries.Length];
        for (int i = 0; i < writes.Length; i++)
        {
            writes[i] = SetAsync(entries.Span[i], cancellationToken).AsTask();
        }

        await Task.WhenAll(writes);
    }

    public async ValueTask SetAsync(CacheEntry entry, CancellationToken cancellationToken)
    {
        TimeSpan usable = entry.UsableUntil - _time.GetUtcNow();
        if (usable < TimeSpan.FromMilliseconds(1))
        {
            return;
        }

        byte[] value = RedisHead.Encode(entry);
        if (value.Length > _largestBytes)
        {
            Interlocked.Increment(ref _dropped);
            return;
        }

        IDatabase database = await _connection.GetDatabaseAsync(cancellationToken);

        // What finds it before the entry itself: a proxy that dies in between leaves a name without an entry, never an entry that no purge finds.
        await NameAsync(database, entry, usable);
        await database.StringSetAsync(_keys.Entry(entry.Fingerprint), value, usable);
    }

    public async ValueTask<bool> RetagAsync(CacheEntry entry, IReadOnlyList<string> tags, CancellationToken cancellationToken)
    {
        TimeSpan usable = entry.UsableUntil - _time.GetUtcNow();
        if (usable < TimeSpan.FromMilliseconds(1))
        {
            return false;
        }

        IDatabase database = await _connection.GetDatabaseAsync(cancellationToken);
        CacheEntry retagged = entry with { Tags = tags };
        try
        {
            await NameAsync(database, retagged, usable);
            bool isThere = (long)await database.ScriptEvaluateAsync(
                ReplaceEntry, [_keys.Entry(entry.Fingerprint)], [RedisHead.UsualBytes, entry.Id, RedisHead.Encode(retagged), (long)usable.TotalMilliseconds]) == 1;
            if (isThere)
            {
                // A name that leads to an entry without it finds nothing; it would only be looked after in vain.
                await Task.WhenAll(entry.Tags.Except(tags).Select(tag => database.SortedSetRemoveAsync(_keys.Tag(tag), entry.Fingerprint.ToString())));
            }

            return isThere;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            throw new IOException($"Redis broke off: {exception.Message}", exception);
        }
    }

    private Task NameAsync(IDatabase database, CacheEntry entry, TimeSpan usable)
    {
        string fingerprint = entry.Fingerprint.ToString();
        long now = _time.GetUtcNow().ToUnixTimeSeconds();
        RedisValue[] arguments = [entry.UsableUntil.ToUnixTimeSeconds() + 1, fingerprint, now];
        IEnumerable<RedisKey> sets = entry.Tags.Select(_keys.Tag).Concat(entry.UserId is { } user ? [_keys.User(user)] : []);
        return Task.WhenAll(
            [.. sets.Select(set => database.ScriptEvaluateAsync(AddMember, [set], arguments)), database.StringSetAsync(_keys.Id(entry.Id), fingerprint, usable)]);
    }

    public async ValueTask<bool> RemoveAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken)
    {
        IDatabase database = await _connection.GetDatabaseAsync(cancellationToken);
        return await database.KeyDeleteAsync(_keys.Entry(fingerprint));
    }

    public async ValueTask<long> CountAsync(EntrySelector selector, CancellationToken cancellationToken)
    {
        long count = 0;
        await foreach (List<CacheEntry> page in Faults(_selection.FindHeadsAsync(selector, cancellationToken)))
        {
            count += page.Count;
        }

        return count;
    }

    public async ValueTask<long> RemoveAsync(EntrySelector selector, Action<Fingerprint256>? removed, CancellationToken cancellationToken)
    {
        IDatabase database = await _connection.GetDatabaseAsync(cancellationToken);
        long count = 0;
        await foreach (List<CacheEntry> page in Faults(_selection.FindHeadsAsync(selector, cancellationToken)))
        {
            // One by one, though together on their way: in a cluster the keys are in many slots.
            bool[] gone = await Task.WhenAll(page.Select(entry => database.KeyDeleteAsync(_keys.Entry(entry.Fingerprint))));
            await Task.WhenAll(page.Select(entry => database.KeyDeleteAsync(_keys.Id(entry.Id))));
            for (int i = 0; i < page.Count; i++)
            {
                if (gone[i])
                {
                    count++;
                    removed?.Invoke(page[i].Fingerprint);
                }
            }
        }

        return count;
    }

    public async IAsyncEnumerable<CacheEntry> ReadAsync(
        EntrySelector selector, Fingerprint256? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            List<Fingerprint256> next = await NextInOrderAsync(selector, after, cancellationToken);
            foreach (Fingerprint256[] some in next.Chunk(ReadAtOnce))
            {
                foreach (CacheEntry? entry in await Task.WhenAll(some.Select(fingerprint => GetAsync(fingerprint, cancellationToken).AsTask())))
                {
                    if (entry is not null && selector.Matches(entry))
                    {
                        yield return entry;
                    }
                }
            }

            // Fewer than could be held is no sign of the end: a walk may come by an entry twice.
            if (next.Count == 0)
            {
                yield break;
            }

            after = next[^1];
        }
    }

    /// <summary>Begins to connect, so that the first look-up does not have to; a failure shows in the calls that follow.</summary>
    public void Connect() => _connection.Begin();

    /// <exception cref="IOException">Redis cannot be reached now.</exception>
    internal ValueTask<IDatabase> GetDatabaseAsync(CancellationToken cancellationToken) => _connection.GetDatabaseAsync(cancellationToken);

    public void Dispose() => _connection.Dispose();

    // SCAN knows no order: the smallest behind the place are kept while all pass by.
    private async Task<List<Fingerprint256>> NextInOrderAsync(EntrySelector selector, Fingerprint256? after, CancellationToken cancellationToken)
    {
        var smallest = new PriorityQueue<Fingerprint256, long>(Comparer<long>.Create(static (left, right) => right.CompareTo(left)));
        await foreach (List<CacheEntry> page in Faults(_selection.FindHeadsAsync(selector, cancellationToken)))
        {
            foreach (Fingerprint256 fingerprint in page.Select(entry => entry.Fingerprint).Where(found => after is not { } last || found.Order > last.Order))
            {
                smallest.Enqueue(fingerprint, fingerprint.Order);
                if (smallest.Count > OrderedAtOnce)
                {
                    smallest.Dequeue();
                }
            }
        }

        return [.. smallest.UnorderedItems.Select(item => item.Element).OrderBy(fingerprint => fingerprint.Order).Distinct()];
    }

    private static async IAsyncEnumerable<List<CacheEntry>> Faults(IAsyncEnumerable<List<CacheEntry>> pages)
    {
        await using IAsyncEnumerator<List<CacheEntry>> each = pages.GetAsyncEnumerator();
        while (true)
        {
            try
            {
                if (!await each.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                throw new IOException($"Redis broke off: {exception.Message}", exception);
            }

            yield return each.Current;
        }
    }
}
