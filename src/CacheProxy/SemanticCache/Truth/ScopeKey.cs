namespace CacheProxy.SemanticCache.Truth;

/// <summary>Whose running error is kept apart.</summary>
/// <param name="Tenant">The scope's hash.</param>
/// <param name="Model">As clients name it.</param>
/// <param name="Policy">That served.</param>
public readonly record struct ScopeKey(string Tenant, string Model, string Policy);
