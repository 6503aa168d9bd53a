using System.Diagnostics.Metrics;
using CacheProxy.Admin;
using CacheProxy.Budget;
using CacheProxy.Dashboard;
using CacheProxy.Embeddings;
using CacheProxy.Entry;
using CacheProxy.ExactCache;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Exchange.Replay;
using CacheProxy.Exchange.Routes;
using CacheProxy.Fingerprint;
using CacheProxy.Flight;
using CacheProxy.Flight.Shared;
using CacheProxy.Forward;
using CacheProxy.Forward.Backend;
using CacheProxy.Forward.Routes;
using CacheProxy.Forward.Upstreams;
using CacheProxy.Invalidation;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Prices;
using CacheProxy.Observability;
using CacheProxy.Observability.Export;
using CacheProxy.Pipeline.Configuration;
using CacheProxy.PrefixTag;
using CacheProxy.Record;
using CacheProxy.SemanticCache;
using CacheProxy.Storage;
using CacheProxy.Stores;
using CacheProxy.Stores.Memory;
using CacheProxy.Stores.Qdrant;
using CacheProxy.Stores.Redis;
using CacheProxy.Tenancy;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CacheProxy.Pipeline;

/// <summary>What the stages are made of, in the order of the request.</summary>
public static class CacheProxyServices
{
    public static IServiceCollection AddCacheProxy(this IServiceCollection services, IConfiguration configuration) => services
        .AddSections()
        .AddFolderLock()
        .AddBackend()
        .AddEntry()
        .AddFingerprint()
        .AddExactCache(configuration)
        .AddBudget(static provider => provider.GetRequiredService<IOptions<DataOptions>>().Value.ResolvePath())
        .AddFlight()
        .AddSemanticCache()
        .AddPrefixTag()
        .AddRecord()
        .AddEmbeddings()
        .AddForward()
        .AddInvalidation(configuration)
        .AddLedger()
        .AddAdmin()
        .AddDashboard();

    // First of what starts, so that a second proxy ends before it writes.
    private static IServiceCollection AddFolderLock(this IServiceCollection services) => services.AddHostedService(
        provider => new FolderLock(provider.GetRequiredService<IOptions<DataOptions>>().Value.ResolvePath(), provider.GetRequiredService<ILogger<FolderLock>>()));

    private static IServiceCollection AddSections(this IServiceCollection services) => services
        .AddSection<ServerOptions>(ServerOptions.Section)
        .AddSection<DataOptions>(DataOptions.Section)
        .AddSection(ExactOptions.Section, new ExactOptionsValidator())
        .AddSection(SemanticOptions.Section, new SemanticOptionsValidator())
        .AddSection(BudgetsOptions.Section, new BudgetsOptionsValidator())
        .AddSection<FlightOptions>(FlightOptions.Section)
        .AddSection<EmbeddingsOptions>(EmbeddingsOptions.Section)
        .AddSection<PrefixOptions>(PrefixOptions.Section)
        .AddSection<UpstreamsOptions>(UpstreamOptions.Section)
        .AddSection<RoutesOptions>(UpstreamRouteOptions.Section)
        .AddSection(TenantOptions.Section, new TenantOptionsValidator())
        .AddSection<RedisOptions>(RedisOptions.Section, new StoreUrlValidator())
        .AddSection<QdrantOptions>(QdrantOptions.Section, new StoreUrlValidator())
        .AddSection<BackendOptions>(BackendOptions.Section, new BackendOptionsValidator())
        .AddSection(LedgerOptions.Section, new LedgerOptionsValidator())
        .AddSection<ObservabilityOptions>(ObservabilityOptions.Section)
        .AddSection(AdminOptions.Section, new AdminOptionsValidator());

    // The first to start: its models load while the other stages' do.
    private static IServiceCollection AddBackend(this IServiceCollection services)
        => services.AddSingleton<EmbeddedBackend>().AddSingleton<IBackendState>(provider => provider.GetRequiredService<EmbeddedBackend>()).AddHostedService(provider => provider.GetRequiredService<EmbeddedBackend>());

    private static IServiceCollection AddEntry(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new InstallationSecret(
            provider.GetRequiredService<IOptions<TenantOptions>>().Value.Secret,
            provider.GetRequiredService<IOptions<DataOptions>>().Value.ResolvePath(),
            provider.GetRequiredService<ILogger<InstallationSecret>>()));
        services.AddMetrics();
        services.AddSingleton(MetricsEndpoint.CreateExporter).AddSingleton(MetricsEndpoint.Sources).AddSingleton<KnownModels>();
        services.AddSingleton<LookupBudgets>().AddSingleton<LedgerHealth>().AddSingleton(provider => new LedgerMetrics(
                provider.GetRequiredService<IMeterFactory>(), provider.GetRequiredService<KnownModels>(), () => provider.GetRequiredService<ILedger>().Drain()))
            .AddSingleton<ILedgerObserver>(provider => provider.GetRequiredService<LedgerMetrics>());
        services.AddHostedService<TelemetryExport>();
        return services.AddSingleton<ScopeResolver>().AddSingleton<TenantNames>().AddSingleton<CacheProxyMetrics>().AddSingleton<EmbedderMetrics>();
    }

    private static IServiceCollection AddFingerprint(this IServiceCollection services)
        => services.AddSingleton<Fingerprinter>().AddSingleton<FingerprintMemo>().AddSingleton<CachePolicies>();

    private static IServiceCollection AddExactCache(this IServiceCollection services, IConfiguration configuration)
    {
        // The order of registration is the order of the tiers: memory first, then what AddStores brings.
        services.AddSingleton<IEntryStore>(provider => provider.GetRequiredService<MemoryEntryStore>());
        return services.AddStores(configuration).AddSingleton<PurgeLog>().AddSingleton<EntryTiers>().AddSingleton<RefreshAttempts>().AddSingleton<EntryRefresher>().AddSingleton<EntryServer>().AddSingleton<EntryBatches>().AddSingleton<AnswerReplay>();
    }

    private static IServiceCollection AddFlight(this IServiceCollection services)
    {
        services.AddSingleton<IBackgroundRefresh>(provider => provider.GetRequiredService<FlightRunner>());
        return services.AddSingleton<FlightTable>().AddSingleton<FlightRunner>().AddSingleton<FlightReader>().AddSingleton<FlightPublisher>().AddSingleton<FlightFollower>();
    }

    private static IServiceCollection AddPrefixTag(this IServiceCollection services) => services.AddSingleton<PrefixChain>().AddSingleton<PrefixForecast>();

    private static IServiceCollection AddRecord(this IServiceCollection services) => services.AddSingleton<EntryFactory>();

    private static IServiceCollection AddEmbeddings(this IServiceCollection services) => services
        .AddSingleton<EmbeddingFingerprinter>()
        .AddSingleton<EmbeddingFlights>()
        .AddSingleton<EmbeddingRunner>()
        .AddSingleton<EmbeddingReplies>()
        .AddSingleton<EmbeddingMisses>();

    private static IServiceCollection AddForward(this IServiceCollection services)
    {
        services.AddHttpForwarder();
        services.AddSingleton<UpstreamDirectory>().AddSingleton<UpstreamMetrics>().AddSingleton<PassThrough>().AddSingleton<ModelCatalog>();
        services.AddHostedService<HealthProber>();
        services.AddSingleton<IUpstreamDirectory>(provider => provider.GetRequiredService<UpstreamDirectory>());
        return services.AddSingleton<UpstreamForwarder>();
    }
}
