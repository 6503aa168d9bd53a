namespace CacheProxy.Budget.Shared;

/// <param name="Proxy">Who tells.</param>
/// <param name="Version">Higher than in every call before: one that arrives late, behind a newer one, does nothing.</param>
public sealed record SharedBudgetCall(string Proxy, long Version, IReadOnlyList<SharedBudgetWindow> Windows, IReadOnlyList<SharedBudgetClaim> Claims);
