using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Findings;
using CacheProxy.Ledger.Prices;
using CacheProxy.Ledger.Reading;
using CacheProxy.Ledger.Writing;
using CacheProxy.Storage;
using CacheProxy.Stores;
using CacheProxy.Tenancy;
using Microsoft.Extensions.Options;

namespace CacheProxy.Pipeline;

/// <summary>What every request writes to and every figure is read from.</summary>
internal static class LedgerServices
{
    public static IServiceCollection AddLedger(this IServiceCollection services) => services
        .AddSingleton(provider =>
        {
            var writer = new LedgerWriter(
                FolderOf(provider),
                provider.GetRequiredService<IOptionsMonitor<LedgerOptions>>(),
                provider.GetServices<ILedgerObserver>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<LedgerWriter>>());
            provider.GetRequiredService<FileMetrics>().Watch(writer.Health);
            return writer;
        })
        .AddHostedService(provider => provider.GetRequiredService<LedgerWriter>())
        .AddSingleton<ILedger>(provider => provider.GetRequiredService<LedgerWriter>())
        .AddSingleton<ILedgerReader>(provider => new LedgerReader(FolderOf(provider), provider.GetRequiredService<LedgerWriter>().SettleAsync))
        .AddPrices()
        .AddSingleton<RequestRows>()
        .AddSingleton<RepeatedHits>()
        .AddFindings();

    private static IServiceCollection AddPrices(this IServiceCollection services) => services
        .AddSingleton(provider => new PriceBook(
            PriceFile.Find() is { } path ? PriceFile.Read(path) : null, provider.GetRequiredService<IOptionsMonitor<LedgerOptions>>(), provider.GetRequiredService<ILogger<PriceBook>>()))
        .AddSingleton<IPriceBook>(provider => provider.GetRequiredService<PriceBook>())
        .AddSingleton<RequestCosts>()
        .AddSingleton<EmbeddingBills>();

    private static IServiceCollection AddFindings(this IServiceCollection services) => services
        .AddSingleton<SettledExchange>()
        .AddSingleton(provider =>
        {
            var recorder = new FindingsRecorder(
                Path.Combine(FolderOf(provider), FindingsFile.FileName), provider.GetRequiredService<IOptionsMonitor<LedgerOptions>>(),
                provider.GetRequiredService<SettledExchange>(), provider.GetRequiredService<TenantNames>(), provider.GetRequiredService<PurgeLog>(), provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<FindingsRecorder>>());
            provider.GetRequiredService<FileMetrics>().Watch(recorder.Health);
            return recorder;
        })
        .AddSingleton<IPurgeObserver>(provider => provider.GetRequiredService<FindingsRecorder>())
        .AddHostedService(provider => provider.GetRequiredService<FindingsRecorder>());

    private static string FolderOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<DataOptions>>().Value.ResolvePath();
}
