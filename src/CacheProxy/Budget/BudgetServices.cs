using CacheProxy.Budget.Shared;
using CacheProxy.Ledger;
using CacheProxy.Tenancy;

namespace CacheProxy.Budget;

/// <summary>Registers what the stage is made of. Counting is shared where an <see cref="ISharedBudgetStore"/> is registered.</summary>
public static class BudgetServices
{
    /// <param name="folder">Finds the data folder.</param>
    public static IServiceCollection AddBudget(this IServiceCollection services, Func<IServiceProvider, string> folder)
    {
        services.AddSingleton<BudgetBook>().AddSingleton<ILedgerObserver, OwnCalls>().AddSingleton<BudgetMetrics>().AddSingleton<BudgetGauges>().AddSingleton<SpendEstimate>();
        services.AddSingleton(provider => new BudgetFile(folder(provider), provider.GetRequiredService<ILogger<BudgetFile>>()));
        services.AddSingleton(static provider => new SharedParts(provider.GetService<ISharedBudgetStore>() is { } store
            ? new SharedBudgets(provider.GetRequiredService<BudgetBook>(), store, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SharedBudgets>>())
            : null));
        services.AddSingleton(static provider => new BudgetAlarms(
            provider.GetRequiredService<BudgetBook>(),
            provider.GetRequiredService<TenantNames>(),
            provider.GetRequiredService<SharedParts>().Budgets,
            provider.GetServices<IBudgetObserver>(),
            provider.GetRequiredService<BudgetMetrics>(),
            provider.GetRequiredService<ILogger<BudgetAlarms>>()));
        services.AddSingleton<IBudgetStates>(static provider => provider.GetRequiredService<BudgetAlarms>());
        services.AddSingleton(static provider => new BudgetGuard(
            provider.GetRequiredService<BudgetBook>(),
            provider.GetRequiredService<SpendEstimate>(),
            provider.GetRequiredService<SharedParts>().Budgets,
            provider.GetRequiredService<BudgetAlarms>(),
            provider.GetRequiredService<TimeProvider>()));
        return services.AddHostedService(static provider => new BudgetKeeper(
            provider.GetRequiredService<BudgetBook>(),
            provider.GetRequiredService<BudgetFile>(),
            provider.GetRequiredService<SharedParts>().Budgets,
            provider.GetRequiredService<TimeProvider>()));
    }

    /// <param name="Budgets">Null: this proxy counts alone.</param>
    private sealed record SharedParts(SharedBudgets? Budgets);
}
