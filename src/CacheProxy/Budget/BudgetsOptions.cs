using System.Diagnostics.CodeAnalysis;

namespace CacheProxy.Budget;

/// <summary>The section <c>Budgets</c>: a list. A request counts in every budget that it fits.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "Named for what it is in the configuration.")]
public sealed class BudgetsOptions : List<BudgetOptions>
{
    public const string Section = "Budgets";
}
