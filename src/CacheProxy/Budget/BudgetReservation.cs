namespace CacheProxy.Budget;

/// <summary>What is set aside for one call, in the windows that it began in: it counts there, however late it ends.</summary>
internal sealed record BudgetReservation(AccountWindow[] Windows, BudgetAmount Amount);
