namespace CacheProxy.Budget;

/// <summary>Whose and what a request is, as budgets see it.</summary>
/// <param name="Tenant">Name, or id where it has none.</param>
/// <param name="TenantId">Id of the key.</param>
/// <param name="User">As the client wrote it; empty: it named none.</param>
/// <param name="Model">Behind aliases.</param>
internal readonly record struct BudgetSubject(string Tenant, string TenantId, string User, string Model);
