using System.Runtime.CompilerServices;
using CacheProxy.Exchange;
using StackExchange.Redis;

namespace CacheProxy.Stores.Redis;

/// <summary>
/// Finds entries by selector. Ids, tags and users have keys of their own; what else selectors name (tenant, namespace, model, time, prefix) is in
/// nearly as few different values as there are entries, or in one value for all of them, and a set for each would cost every entry more memory
/// than such a purge saves work: it walks all keys instead and reads the head of each. 10,000,000 entries are about 5 GB over the wire and two
/// minutes, in pages that let other commands between; what has to be gone at once is a namespace's epoch.
/// </summary>
internal sealed class RedisSelection(RedisConnection connection, RedisKeys keys)
{
    private const int PageKeys = 500;

    /// <summary>What matches, in pages and in no order; an entry may come twice.</summary>
    public async IAsyncEnumerable<List<CacheEntry>> FindHeadsAsync(EntrySelector selector, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IDatabase database = await connection.GetDatabaseAsync(cancellationToken);
        await foreach (List<Fingerprint256> page in CandidatesAsync(database, selector, cancellationToken))
        {
            CacheEntry?[] heads = await Task.WhenAll(page.Select(fingerprint => ReadHeadAsync(database, fingerprint))).WaitAsync(cancellationToken);
            List<CacheEntry> found = [.. heads.OfType<CacheEntry>().Where(selector.Matches)];
            if (found.Count > 0)
            {
                yield return found;
            }
        }
    }

    private IAsyncEnumerable<List<Fingerprint256>> CandidatesAsync(IDatabase database, EntrySelector selector, CancellationToken cancellationToken) => selector switch
    {
        { Fingerprint: { } fingerprint } => One(fingerprint),
        { Id: { } id } => ByIdAsync(database, keys.Id(id)),
        { Tag: { } tag } => ByMembersAsync(database, keys.Tag(tag), cancellationToken),
        { UserId: { } user } => ByMembersAsync(database, keys.User(user), cancellationToken),
        _ => WalkAsync(cancellationToken),
    };

    private static async IAsyncEnumerable<List<Fingerprint256>> One(Fingerprint256 fingerprint)
    {
        await Task.CompletedTask;
        yield return [fingerprint];
    }

    private static async IAsyncEnumerable<List<Fingerprint256>> ByIdAsync(IDatabase database, RedisKey key)
    {
        if (Fingerprint256.TryParse(await database.StringGetAsync(key), out Fingerprint256 fingerprint))
        {
            yield return [fingerprint];
        }
    }

    // By rank, from the end: what expires or is removed meanwhile moves no member that is still to come.
    private static async IAsyncEnumerable<List<Fingerprint256>> ByMembersAsync(
        IDatabase database, RedisKey key, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long last = await database.SortedSetLengthAsync(key).WaitAsync(cancellationToken) - 1;
        for (; last >= 0; last -= PageKeys)
        {
            RedisValue[] members = await database.SortedSetRangeByRankAsync(key, Math.Max(0, last - PageKeys + 1), last).WaitAsync(cancellationToken);
            var page = new List<Fingerprint256>(members.Length);
            foreach (RedisValue member in members)
            {
                if (Fingerprint256.TryParse(member, out Fingerprint256 fingerprint))
                {
                    page.Add(fingerprint);
                }
            }

            yield return page;
        }
    }

    private async IAsyncEnumerable<List<Fingerprint256>> WalkAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach ((IServer server, int number) in await connection.GetMastersAsync(cancellationToken))
        {
            using IEnumerator<RedisKey> walk = server.Keys(number, keys.EntryPattern, PageKeys).GetEnumerator();
            List<Fingerprint256> page;
            do
            {
                cancellationToken.ThrowIfCancellationRequested();

                // The walk waits for Redis on its own thread: the client's first version knows no other way.
                page = await Task.Run(() => Take(walk), CancellationToken.None);
                yield return page;
            }
            while (page.Count > 0);
        }
    }

    // Until a page is full or the walk is over: an empty page is the end.
    private List<Fingerprint256> Take(IEnumerator<RedisKey> walk)
    {
        var page = new List<Fingerprint256>(PageKeys);
        while (page.Count < PageKeys && walk.MoveNext())
        {
            if (keys.TryParse(walk.Current!, out Fingerprint256 fingerprint))
            {
                page.Add(fingerprint);
            }
        }

        return page;
    }

    private async Task<CacheEntry?> ReadHeadAsync(IDatabase database, Fingerprint256 fingerprint)
    {
        RedisKey key = keys.Entry(fingerprint);
        try
        {
            byte[]? head = await database.StringGetRangeAsync(key, 0, RedisHead.UsualBytes - 1);
            if (RedisHead.LengthOf(head) is > RedisHead.UsualBytes and { } length)
            {
                head = await database.StringGetRangeAsync(key, 0, length - 1);
            }

            return RedisHead.Read(head, fingerprint);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
        {
            return null;
        }
    }
}
