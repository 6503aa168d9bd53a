using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Stores.Codec;
using StackExchange.Redis;

namespace CacheProxy.Stores.Redis;

// Keys: <prefix>:<layout version>:e:<fingerprint, 64 hex digits>. The fingerprint already holds scope, namespace and epoch;
// the layout version keeps proxies of two versions from reading, and replacing, each other's values. No hash tag: in a
// cluster the entries spread over all slots.

/// <summary>
/// Entries in a Redis (or Redis Cluster) that several proxies share; Redis removes them when they are past their use. Only
/// calls that StackExchange.Redis has in both its first and second major version are used.
/// </summary>
public sealed class RedisEntryStore : IEntryStore, IDisposable
{
    private readonly RedisConnection _connection;
    private readonly string _keyStart;
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
        _keyStart = $"{options.KeyPrefix}:{EntryCodec.Version}:e:";
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
            value = await database.StringGetAsync(Key(fingerprint));
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
        {
            // Somebody else's value under our key: Redis itself is well.
            return null;
        }

        return EntryCodec.Decode(value, fingerprint) is { } entry && entry.UsableUntil > _time.GetUtcNow() ? entry : null;
    }

    /// <summary>All are asked for before the first answer is awaited: one round trip. Not MGET, which a cluster refuses across its slots.</summary>
    public async ValueTask GetManyAsync(ReadOnlyMemory<Fingerprint256> fingerprints, Memory<CacheEntry?> entries, CancellationToken cancellationToken)
    {
        IDatabase database = await _connection.GetDatabaseAsync(cancellationToken);
        var values = new Task<RedisValue>[fingerprints.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = database.StringGetAsync(Key(fingerprints.Span[i]));
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

            if (EntryCodec.Decode(value, fingerprints.Span[i]) is { } entry && entry.UsableUntil > _time.GetUtcNow())
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

        byte[] value = EntryCodec.Encode(entry);
        if (value.Length > _largestBytes)
        {
            Interlocked.Increment(ref _dropped);
            return;
        }

        IDatabase database = await _connection.GetDatabaseAsync(cancellationToken);
        await database.StringSetAsync(Key(entry.Fingerprint), value, usable);
    }

    public async ValueTask<bool> RemoveAsync(Fingerprint256 fingerprint, CancellationToken cancellationToken)
    {
        IDatabase database = await _connection.GetDatabaseAsync(cancellationToken);
        return await database.KeyDeleteAsync(Key(fingerprint));
    }

    public ValueTask<long> CountAsync(EntrySelector selector, CancellationToken cancellationToken) => throw new IOException("not yet");

    public ValueTask<long> RemoveAsync(EntrySelector selector, Action<Fingerprint256>? removed, CancellationToken cancellationToken) => throw new IOException("not yet");

    public IAsyncEnumerable<CacheEntry> ReadAsync(EntrySelector selector, Fingerprint256? after, CancellationToken cancellationToken) => throw new IOException("not yet");

    /// <summary>Begins to connect, so that the first look-up does not have to; a failure shows in the calls that follow.</summary>
    public void Connect() => _connection.Begin();

    public void Dispose() => _connection.Dispose();

    private RedisKey Key(Fingerprint256 fingerprint) => _keyStart + fingerprint.ToString();
}
