using CacheProxy.Dashboard.Api;
using CacheProxy.Stores;
using CacheProxy.Stores.Memory;
using CacheProxy.Stores.Redis;
using CacheProxy.Stores.Sqlite;
using Microsoft.Extensions.Options;

namespace CacheProxy.Dashboard.Health;

/// <summary>How full the stores of entries are, as far as they know without counting: that would take seconds for millions.</summary>
internal sealed class StoreReports(IServiceProvider services, IOptions<DataOptions> data)
{
    public IReadOnlyList<StoreView> Read()
    {
        var memory = services.GetRequiredService<MemoryEntryStore>();
        var views = new List<StoreView> { new(memory.Name, memory.Count, memory.SizeBytes, memory.SizeLimitBytes, memory.Evictions, null, null) };
        if (services.GetService<SqliteEntryStore>() is { } sqlite)
        {
            views.Add(new StoreView(
                sqlite.Name, null, sqlite.SizeBytes, (long)data.Value.EntriesMegabytes << 20, null, sqlite.Dropped, sqlite.IsOpen ? null : "The file of entries cannot be used; see the log."));
        }

        if (services.GetService<RedisEntryStore>() is { } redis)
        {
            views.Add(new StoreView(redis.Name, null, null, null, null, redis.Dropped, null));
        }

        return views;
    }
}
