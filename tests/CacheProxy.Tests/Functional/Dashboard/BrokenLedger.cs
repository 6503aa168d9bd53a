using CacheProxy.Ledger;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CacheProxy.Tests.Functional.Dashboard;

/// <summary>A ledger that answers nothing.</summary>
internal sealed class BrokenLedger(Exception fault) : ILedgerReader
{
    public static void Use(IServiceCollection services, Exception fault)
    {
        services.RemoveAll<ILedgerReader>();
        services.AddSingleton<ILedgerReader>(new BrokenLedger(fault));
    }

    public Task<LedgerTotals> TotalsAsync(LedgerFilter filter, CancellationToken cancellationToken = default) => throw fault;

    public Task<IReadOnlyList<LedgerPoint>> SeriesAsync(
        LedgerFilter filter, TimeSpan step, LedgerDimension? by = null, TimeZoneInfo? zone = null, CancellationToken cancellationToken = default) => throw fault;

    public Task<IReadOnlyList<LedgerGroup>> GroupsAsync(
        LedgerFilter filter, LedgerDimension by, LedgerOrder order = LedgerOrder.Requests, int limit = 100, CancellationToken cancellationToken = default) => throw fault;

    public IAsyncEnumerable<LedgerRow> RowsAsync(
        LedgerFilter filter, bool newestFirst = false, int limit = int.MaxValue, CancellationToken cancellationToken = default) => throw fault;
}
