using CacheProxy.Exchange;
using CacheProxy.Stores.Codec;
using StackExchange.Redis;

namespace CacheProxy.Stores.Redis;

// <prefix>:<layout version>:e:<fingerprint, 64 hex digits>   the entry, behind its RedisHead; expires with it
// <prefix>:<layout version>:i:<entry id>                     its fingerprint; expires with it
// <prefix>:<layout version>:t:<tag>                          sorted set of fingerprints by the Unix second of their end
// <prefix>:<layout version>:u:<user id>                      the same
//
// The fingerprint already holds scope, namespace and epoch; the layout version keeps proxies of two versions from reading, and replacing, each
// other's values. No hash tag: in a cluster the entries spread over all slots.

/// <summary>Names of the keys.</summary>
internal sealed class RedisKeys(string prefix)
{
    private readonly string _start = $"{prefix}:{EntryCodec.Version}:";

    /// <summary>Matches every entry's key and no other. A prefix holds no character that a pattern gives a meaning.</summary>
    public string EntryPattern => _start + "e:*";

    public RedisKey Entry(Fingerprint256 fingerprint) => $"{_start}e:{fingerprint}";

    public RedisKey Id(string id) => $"{_start}i:{id}";

    public RedisKey Tag(string tag) => $"{_start}t:{tag}";

    public RedisKey User(string userId) => $"{_start}u:{userId}";

    public bool TryParse(string key, out Fingerprint256 fingerprint)
    {
        fingerprint = default;
        return key.StartsWith(_start + "e:", StringComparison.Ordinal) && Fingerprint256.TryParse(key[(_start.Length + 2)..], out fingerprint);
    }
}
