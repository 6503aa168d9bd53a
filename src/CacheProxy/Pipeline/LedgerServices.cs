using CacheProxy.Ledger;

namespace CacheProxy.Pipeline;

/// <summary>What every request writes to and every figure is read from.</summary>
internal static class LedgerServices
{
    public static IServiceCollection AddLedger(this IServiceCollection services) => services
        .AddSingleton(provider => new MemoryLedger(provider.GetServices<ILedgerObserver>()))
        .AddSingleton<ILedger>(provider => provider.GetRequiredService<MemoryLedger>())
        .AddSingleton<ILedgerReader>(provider => provider.GetRequiredService<MemoryLedger>())
        .AddSingleton<RequestRows>();
}
