using CacheProxy.Exchange;
using CacheProxy.Stores;
using CacheProxy.Stores.Redis;
using Microsoft.Extensions.Options;

namespace CacheProxy.Invalidation;

/// <summary>Registers epochs and purges, and their sharing where there is a Redis to share through.</summary>
public static class InvalidationServices
{
    public static IServiceCollection AddInvalidation(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(static provider => new EpochFile(
            provider.GetRequiredService<IOptions<DataOptions>>().Value.ResolvePath(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<NamespaceEpochs>();
        services.AddSingleton<INamespaceEpochs>(static provider => provider.GetRequiredService<NamespaceEpochs>());
        services.AddSingleton<Invalidator>().AddSingleton<EntryTagger>();
        if (configuration[$"{RedisOptions.Section}:Url"] is { Length: > 0 })
        {
            services.AddSingleton<RedisInvalidation>();
            services.AddSingleton<IInvalidationSharing>(static provider => provider.GetRequiredService<RedisInvalidation>());
            services.AddSingleton<ISharedPurges>(static provider => provider.GetRequiredService<RedisInvalidation>());
            services.AddHostedService(static provider => provider.GetRequiredService<RedisInvalidation>());
        }

        return services;
    }
}
