using CacheProxy.Stores.Redis;
using CacheProxy.Stores.Sqlite;

namespace CacheProxy.Stores;

/// <summary>Opens what the first request would otherwise find closed. A store that does not open does not hold up the start.</summary>
internal sealed class StoresStart(IServiceProvider provider, TimeProvider time) : IHostedService
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        provider.GetService<RedisEntryStore>()?.Connect();
        if (provider.GetService<SqliteEntryStore>() is { } store)
        {
            try
            {
                await store.Opened.WaitAsync(LongestWait, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // A slow disk: look-ups are misses until it is open.
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
