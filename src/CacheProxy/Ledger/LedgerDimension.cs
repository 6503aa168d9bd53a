namespace CacheProxy.Ledger;

/// <summary>What sums can be taken apart by.</summary>
public enum LedgerDimension
{
    Tenant,
    User,
    Model,
    Upstream,
    Route,
    Namespace,
    Dialect,
    Outcome,
    Entry,
    Prefix,
    Work,
}
