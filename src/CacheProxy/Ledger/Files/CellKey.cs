using CacheProxy.Exchange;

namespace CacheProxy.Ledger.Files;

/// <summary>What sums are kept apart by. Rows carry its number in the file, so that names are written once.</summary>
internal readonly record struct CellKey(
    string Tenant, string Model, string Upstream, string Route, string Namespace, Dialect Dialect, CacheOutcome Outcome, LedgerWork Work)
{
    /// <summary>Stands for names that there were too many of: clients make up models and namespaces.</summary>
    public const string Other = "(other)";

    public static CellKey Of(in LedgerRow row)
        => new(row.Tenant, row.Model, row.Upstream ?? "", row.Route ?? "", row.Namespace, row.Dialect, row.Outcome, row.Work);

    /// <summary>The same without what there may be thousands of: most questions name neither tenant nor route, and have a tenth of the sums to add up.</summary>
    public CellKey Coarse => this with { Tenant = "", Route = "", Namespace = "" };

    /// <summary>The same by tenant, outcome and work: what a tenant's figures, and all tenants' side by side, are drawn from.</summary>
    public CellKey TenantOnly => new(Tenant, "", "", "", "", default, Outcome, Work);

    public CellKey WithoutNames => this with { Tenant = Other, Model = Other, Upstream = Upstream.Length > 0 ? Other : "", Route = Other, Namespace = Other };

    public bool Matches(LedgerFilter filter)
        => (filter.Tenant is null || filter.Tenant == Tenant)
            && (filter.Model is null || filter.Model == Model)
            && (filter.Upstream is null || filter.Upstream == Upstream)
            && (filter.Route is null || filter.Route == Route)
            && (filter.Namespace is null || filter.Namespace == Namespace)
            && (filter.Dialect is null || filter.Dialect == Dialect)
            && (filter.Outcome is null || filter.Outcome == Outcome)
            && (filter.Work is null || filter.Work == Work);

    /// <summary>Null: cells are not kept apart by it.</summary>
    public string? KeyOf(LedgerDimension dimension) => dimension switch
    {
        LedgerDimension.Tenant => Tenant,
        LedgerDimension.Model => Model,
        LedgerDimension.Upstream => Upstream,
        LedgerDimension.Route => Route,
        LedgerDimension.Namespace => Namespace,
        LedgerDimension.Dialect => Dialect.ToTag(),
        LedgerDimension.Outcome => Outcome.ToTag(),
        LedgerDimension.Work => Work.ToTag(),
        _ => null,
    };
}
