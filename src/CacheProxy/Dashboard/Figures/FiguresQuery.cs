using CacheProxy.Dashboard.Api;
using CacheProxy.Ledger;

namespace CacheProxy.Dashboard.Figures;

/// <summary>What is asked of the ledger.</summary>
/// <param name="Step">Null: no series was asked for.</param>
/// <param name="Zone">Where days begin.</param>
internal sealed record FiguresQuery(LedgerFilter Filter, TimeSpan? Step, TimeZoneInfo Zone)
{
    public RangeView ToRange() => new(Filter.From, Filter.To, (long?)Step?.TotalSeconds, Zone.Id);
}
