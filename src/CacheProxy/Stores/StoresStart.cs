using CacheProxy.Exchange;
using CacheProxy.Stores.Redis;
using CacheProxy.Stores.Sqlite;
using Microsoft.Data.Sqlite;

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
                await WarmUpAsync(store, cancellationToken).WaitAsync(LongestWait, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // A slow disk: look-ups are misses until it is open.
            }
        }
    }

    // The first read opens its connection and compiles what reads and decodes: more than a look-up's budget on a busy machine.
    private static async Task WarmUpAsync(SqliteEntryStore store, CancellationToken cancellationToken)
    {
        await store.Opened;
        try
        {
            await store.GetAsync(default, cancellationToken);
            await foreach (CacheEntry entry in store.ReadAsync(EntrySelector.Everything, after: null, cancellationToken))
            {
                await store.GetAsync(entry.Fingerprint, cancellationToken);
                break;
            }
        }
        catch (Exception exception) when (exception is IOException or SqliteException)
        {
            // The store's own loop says what is wrong with the file.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
