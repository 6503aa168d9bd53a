using System.Globalization;
using CacheProxy.Budget;

namespace CacheProxy.Admin;

/// <summary>A line in the audit file for each window in which a budget was nearly or wholly used.</summary>
internal sealed class BudgetAudit(AuditLog log) : IBudgetObserver
{
    private const string Who = "budgets";

    public void OnLevel(BudgetState state)
    {
        string who = string.Join(", ", new[] { state.Tenant, state.User, state.Model }.Where(part => part is not null));
        string subject = string.Create(
            CultureInfo.InvariantCulture, $"{state.Name}{(who.Length > 0 ? $" ({who})" : "")} until {state.WindowEnd:yyyy-MM-dd'T'HH:mm:ss'Z'}");
        log.Write(state.Level == BudgetLevel.Hard ? "budget-used" : "budget-near", Who, subject, (long)Math.Round(state.UsedShare * 100));
    }
}
