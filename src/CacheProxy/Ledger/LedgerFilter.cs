using CacheProxy.Exchange;

namespace CacheProxy.Ledger;

/// <summary>Which rows count. Null: all of them.</summary>
/// <param name="From">UTC; the first instant that counts.</param>
/// <param name="To">UTC; the first instant that does not.</param>
public sealed record LedgerFilter(DateTimeOffset From, DateTimeOffset To)
{
    public string? Tenant { get; init; }

    public string? Model { get; init; }

    /// <summary>Empty: where none was asked.</summary>
    public string? Upstream { get; init; }

    public string? Route { get; init; }

    public string? Namespace { get; init; }

    public Dialect? Dialect { get; init; }

    public CacheOutcome? Outcome { get; init; }

    public LedgerWork? Work { get; init; }

    internal bool Matches(in LedgerRow row) => row.Time >= From && row.Time < To
        && (Tenant is null || Tenant == row.Tenant)
        && (Model is null || Model == row.Model)
        && (Upstream is null || Upstream == (row.Upstream ?? ""))
        && (Route is null || Route == (row.Route ?? ""))
        && (Namespace is null || Namespace == row.Namespace)
        && (Dialect is null || Dialect == row.Dialect)
        && (Outcome is null || Outcome == row.Outcome)
        && (Work is null || Work == row.Work);
}
