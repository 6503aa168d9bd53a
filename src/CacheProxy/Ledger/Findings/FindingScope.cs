using CacheProxy.Exchange;
using CacheProxy.Tenancy;

namespace CacheProxy.Ledger.Findings;

/// <summary>Whose requests a finding is about.</summary>
/// <param name="Tenant">As in the ledger's rows.</param>
/// <param name="ScopeId">Hash of its key: what purges name it by.</param>
/// <param name="Model">As the client names it.</param>
/// <param name="Route">Name of its route; empty: none.</param>
public readonly record struct FindingScope(string Tenant, string ScopeId, string Model, string Route)
{
    internal static FindingScope Of(ExchangeFeature exchange, TenantNames tenants)
        => new(tenants.Of(exchange), exchange.Scope.Id, exchange.Facts.Model, exchange.Route?.Name ?? "");
}
