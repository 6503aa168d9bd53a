namespace CacheProxy.Admin;

/// <param name="Name">Null: it has none.</param>
/// <param name="KeyId">First 16 hex digits of the key's hash.</param>
public sealed record TenantReply(string? Name, string KeyId);

/// <param name="Tenants">In the order of the settings.</param>
public sealed record TenantsReply(IReadOnlyList<TenantReply> Tenants);
