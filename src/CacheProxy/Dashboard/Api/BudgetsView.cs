namespace CacheProxy.Dashboard.Api;

/// <param name="Notice">Why there are none; null: there are.</param>
public sealed record BudgetsView(IReadOnlyList<BudgetView> Budgets, string? Notice);

/// <summary>One budget and its window of now.</summary>
/// <param name="Unit"><c>usd</c>, <c>tokens</c> or <c>requests</c>.</param>
/// <param name="Used">In its unit; money in USD.</param>
/// <param name="State"><c>ok</c>, <c>near</c>, <c>soft</c>, <c>hard</c>.</param>
public sealed record BudgetView(
    string Name, string? Tenant, string? User, string? Model, string Unit, string Window, decimal Used, decimal? Soft, decimal? Hard, string State, DateTimeOffset? ResetsAt);
