using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Findings;
using CacheProxy.Stores;
using CacheProxy.Tenancy;
using Microsoft.Extensions.Options;

namespace CacheProxy.Pipeline;

/// <summary>What every request writes to and every figure is read from.</summary>
internal static class LedgerServices
{
    public static IServiceCollection AddLedger(this IServiceCollection services) => services
        .AddSingleton(provider => new MemoryLedger(provider.GetServices<ILedgerObserver>()))
        .AddSingleton<ILedger>(provider => provider.GetRequiredService<MemoryLedger>())
        .AddSingleton<ILedgerReader>(provider => provider.GetRequiredService<MemoryLedger>())
        .AddSingleton<RequestRows>()
        .AddFindings();

    private static IServiceCollection AddFindings(this IServiceCollection services) => services
        .AddSingleton<SettledExchange>()
        .AddSingleton(provider => new FindingsRecorder(
            Path.Combine(provider.GetRequiredService<IOptions<DataOptions>>().Value.ResolvePath(), FindingsFile.FileName), provider.GetRequiredService<IOptionsMonitor<LedgerOptions>>(),
            provider.GetRequiredService<SettledExchange>(), provider.GetRequiredService<TenantNames>(), provider.GetRequiredService<PurgeLog>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<FindingsRecorder>>()))
        .AddSingleton<IPurgeObserver>(provider => provider.GetRequiredService<FindingsRecorder>())
        .AddHostedService(provider => provider.GetRequiredService<FindingsRecorder>());
}
