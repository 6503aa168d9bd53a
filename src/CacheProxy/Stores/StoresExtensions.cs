using CacheProxy.Budget.Shared;
using CacheProxy.ExactCache;
using CacheProxy.Exchange.Policies;
using CacheProxy.Flight;
using CacheProxy.Flight.Shared;
using CacheProxy.SemanticCache;
using CacheProxy.Storage;
using CacheProxy.Stores.Memory;
using CacheProxy.Stores.Qdrant;
using CacheProxy.Stores.Redis;
using CacheProxy.Stores.Resilience;
using CacheProxy.Stores.Sqlite;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CacheProxy.Stores;

/// <summary>
/// Registers the stores that the configuration names. The exact tier is <see cref="MemoryEntryStore"/> and, below it,
/// <see cref="IEntryStore"/>: SQLite, or Redis where <c>Redis:Url</c> is set. <see cref="IVectorIndexFactory"/> is
/// registered only where <c>Qdrant:Url</c> is set; elsewhere the index in this process is used. Both come guarded.
/// </summary>
public static class StoresExtensions
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);

    // So that a change of Qdrant's address in DNS is noticed.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private const int LargestAnswerBytes = 16 << 20;

    /// <remarks>The options come from the sections that the pipeline binds; <see cref="StoreUrlValidator"/> belongs to two of them.</remarks>
    public static IServiceCollection AddStores(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics().AddSingleton<CallMetrics>().AddSingleton<FileMetrics>().AddSingleton<MemoryMetrics>();
        services.AddSingleton(static provider => new MemoryEntryStore(
            (long)provider.GetRequiredService<IOptions<ExactOptions>>().Value.MemoryMegabytes << 20,
            provider.GetRequiredService<TimeProvider>()));
        if (IsSet(configuration, RedisOptions.Section))
        {
            services.AddRedis();
            services.AddSharedBudgets();
        }
        else
        {
            services.AddSqlite();
        }

        if (IsSet(configuration, QdrantOptions.Section))
        {
            services.AddQdrant();
        }

        services.AddSingleton<IEntryStore>(static provider => provider.GetRequiredService<GuardedEntryStore>());
        return services.AddHostedService<StoresStart>();
    }

    /// <summary>The guard for one dependency, with the settings that all of them share but the budget.</summary>
    public static ResilientCall CreateResilientCall(this IServiceProvider provider, string name, int budgetMilliseconds)
        => provider.GetRequiredService<CallMetrics>().Watch(new ResilientCall(
            name,
            new ResilienceOptions { Budget = TimeSpan.FromMilliseconds(budgetMilliseconds) },
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ResilientCall>>()));

    private static bool IsSet(IConfiguration configuration, string section) => configuration[$"{section}:Url"] is { Length: > 0 };

    private static void AddSqlite(this IServiceCollection services)
    {
        services.AddSingleton(static provider =>
        {
            DataOptions options = provider.GetRequiredService<IOptions<DataOptions>>().Value;
            var store = new SqliteEntryStore(
                options.ResolvePath(),
                (long)options.EntriesMegabytes << 20,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<SqliteEntryStore>>());
            provider.GetRequiredService<FileMetrics>().Watch(store.Health);
            return store;
        });
        services.AddSingleton(static provider => new GuardedEntryStore(
            provider.GetRequiredService<SqliteEntryStore>(),
            provider.CreateResilientCall("sqlite", provider.GetRequiredService<IOptions<DataOptions>>().Value.BudgetMilliseconds)));
    }

    private static void AddRedis(this IServiceCollection services)
    {
        services.AddSingleton(static provider => new RedisEntryStore(
            provider.GetRequiredService<IOptions<RedisOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(static provider => new GuardedEntryStore(
            provider.GetRequiredService<RedisEntryStore>(),
            provider.CreateResilientCall("redis", provider.GetRequiredService<IOptions<RedisOptions>>().Value.BudgetMilliseconds)));
        services.AddSingleton<ISharedFlights>(static provider =>
        {
            RedisOptions options = provider.GetRequiredService<IOptions<RedisOptions>>().Value;
            return new RedisFlights(
                options,
                provider.GetRequiredService<IOptionsMonitor<FlightOptions>>(),
                provider.CreateResilientCall("redis flights", options.BudgetMilliseconds),
                provider.GetRequiredService<TimeProvider>());
        });
    }

    private static void AddSharedBudgets(this IServiceCollection services)
        => services.AddSingleton<ISharedBudgetStore>(static provider =>
        {
            RedisOptions options = provider.GetRequiredService<IOptions<RedisOptions>>().Value;
            return new RedisBudgets(options, provider.CreateResilientCall("redis budgets", options.BudgetMilliseconds));
        });

    private static void AddQdrant(this IServiceCollection services)
    {
        services.AddSingleton(static provider => CreateHttpClient(provider.GetRequiredService<IOptions<QdrantOptions>>().Value));
        services.AddSingleton<IVectorIndexFactory>(static provider =>
        {
            QdrantOptions options = provider.GetRequiredService<IOptions<QdrantOptions>>().Value;
            return new QdrantIndexFactory(
                provider.GetRequiredService<QdrantHttpClient>(),
                options,
                provider.CreateResilientCall("qdrant", options.BudgetMilliseconds),
                provider.GetRequiredService<TimeProvider>());
        });
    }

    private static QdrantHttpClient CreateHttpClient(QdrantOptions options)
    {
        var client = new QdrantHttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
        })
        {
            // Relative paths go below the address' own path only when that ends in a slash.
            BaseAddress = new Uri(options.Url.TrimEnd('/') + "/"),
            Timeout = RequestTimeout,
            MaxResponseContentBufferSize = LargestAnswerBytes,
        };
        if (options.ApiKey.Length > 0)
        {
            client.DefaultRequestHeaders.Add("api-key", options.ApiKey);
        }

        return client;
    }
}
