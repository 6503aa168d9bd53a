namespace CacheProxy.Budget;

/// <summary>
/// What one proxy has used of a window, and the how manieth word of it that is. Only that proxy writes it: of two words about the same share
/// the later one counts, so that telling one twice, or late, changes nothing.
/// </summary>
public readonly record struct BudgetShare(long Version, BudgetAmount Amount);
