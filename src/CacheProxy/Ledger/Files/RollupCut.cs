namespace CacheProxy.Ledger.Files;

/// <summary>What the sums of a period are kept apart by. A question is answered from the narrowest that knows what it names.</summary>
internal enum RollupCut
{
    /// <summary>All that cells have.</summary>
    Cell,

    /// <summary>Without tenant, route and namespace (<see cref="CellKey.Coarse"/>).</summary>
    Coarse,

    /// <summary>Tenant, outcome and work only (<see cref="CellKey.TenantOnly"/>); by the hour and by the day.</summary>
    Tenant,
}
