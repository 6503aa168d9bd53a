using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Stores.Redis;

/// <summary>The exact tier that several proxies share. Section <c>Redis</c>.</summary>
public sealed class RedisOptions
{
    public const string Section = "Redis";

    /// <summary>
    /// <c>redis://[:password@]host[:port][/database]</c>, <c>rediss://</c> for TLS, or StackExchange.Redis' own
    /// comma-separated form. Empty (the default): SQLite is used instead.
    /// </summary>
    public string Url { get; set; } = "";

    /// <summary>First part of every key, for several installations on one server. Default <c>cp</c>.</summary>
    [RegularExpression("[A-Za-z0-9_.-]{1,64}")]
    public string KeyPrefix { get; set; } = "cp";

    /// <summary>Milliseconds that a look-up may take; beyond it the request goes on as a miss. Default 30.</summary>
    [Range(1, 60_000)]
    public int BudgetMilliseconds { get; set; } = 30;

    /// <summary>Larger entries stay in memory only: one of them would hold up every other look-up on the connection. Default 4 MiB.</summary>
    [Range(1, 512 << 10)]
    public int LargestEntryKilobytes { get; set; } = 4096;
}
