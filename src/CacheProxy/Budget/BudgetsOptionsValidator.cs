using Microsoft.Extensions.Options;

namespace CacheProxy.Budget;

/// <summary>What no attribute can say of <see cref="BudgetsOptions"/>.</summary>
public sealed class BudgetsOptionsValidator : IValidateOptions<BudgetsOptions>
{
    public ValidateOptionsResult Validate(string? name, BudgetsOptions options)
    {
        var faults = new List<string>();
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < options.Count; i++)
        {
            string key = $"{BudgetsOptions.Section}:{i}";
            faults.AddRange(FaultsOf(options[i]).Select(fault => key + fault));
            if (!names.TryAdd(options[i].Name, i))
            {
                faults.Add($"{key}:{nameof(BudgetOptions.Name)} is '{options[i].Name}', as {BudgetsOptions.Section}:{names[options[i].Name]} is: each budget has a name of its own.");
            }
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> FaultsOf(BudgetOptions budget)
    {
        if (budget.Money is null && budget.Tokens is null && budget.Requests is null)
        {
            yield return $" limits nothing: set {nameof(BudgetOptions.Money)}, {nameof(BudgetOptions.Tokens)} or {nameof(BudgetOptions.Requests)}.";
        }

        if (budget.Window is null == (budget.WindowSeconds == 0))
        {
            yield return $" needs either {nameof(BudgetOptions.Window)} (hour, day, week, month) or {nameof(BudgetOptions.WindowSeconds)}.";
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(budget.TimeZone, out _))
        {
            yield return $":{nameof(BudgetOptions.TimeZone)}: this machine knows no time zone '{budget.TimeZone}'. Write UTC, or a name as Europe/Berlin.";
        }
    }
}
