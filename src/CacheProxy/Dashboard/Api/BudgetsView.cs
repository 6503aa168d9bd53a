using CacheProxy.Budget;

namespace CacheProxy.Dashboard.Api;

public sealed record BudgetsView(IReadOnlyList<BudgetView> Budgets, string? Notice);

/// <summary>One limit of a budget in its window of now: a budget has one for each unit that it limits.</summary>
/// <param name="Tenant">Null: everybody; so with user and model.</param>
/// <param name="Unit"><c>usd</c>, <c>tokens</c> or <c>requests</c>.</param>
/// <param name="Window"><c>hour</c>, <c>day</c>, <c>week</c>, <c>month</c>, or its length.</param>
/// <param name="Used">In its unit, with what is set aside for calls under way.</param>
/// <param name="Soft">From where it warns.</param>
/// <param name="Hard">From where it refuses; null: it only warns.</param>
/// <param name="State"><c>ok</c>; <c>soft</c>: it warns; <c>hard</c>: only hits are served.</param>
/// <param name="Refused">Requests in this window, by this proxy.</param>
/// <param name="Unpriced">Calls in this window whose price nobody knows, so that they are in no sum of money.</param>
/// <param name="IsShared">All proxies count in it; else this one alone.</param>
public sealed record BudgetView(
    string Name, string? Tenant, string? User, string? Model, string Unit, string Window, decimal Used, decimal Soft, decimal? Hard, string State, DateTimeOffset ResetsAt,
    long Refused, long Unpriced, bool IsShared)
{
    internal static IEnumerable<BudgetView> From(BudgetState state)
    {
        if (state.Money is { } money)
        {
            yield return From(state, "usd", money, 1e-9m);
        }

        if (state.Tokens is { } tokens)
        {
            yield return From(state, "tokens", tokens, 1);
        }

        if (state.Requests is { } requests)
        {
            yield return From(state, "requests", requests, 1);
        }
    }

    private static BudgetView From(BudgetState state, string unit, BudgetUse use, decimal scale)
    {
        string level = use.Share >= 1 && state.IsHard ? "hard" : use.Share >= state.SoftShare ? "soft" : "ok";
        return new BudgetView(
            state.Name, state.Tenant, state.User, state.Model, unit, NameOf(state.WindowEnd - state.WindowStart), use.Used * scale, use.Limit * scale * (decimal)state.SoftShare,
            state.IsHard ? use.Limit * scale : null, level, state.WindowEnd, state.Refused, state.Unpriced, state.IsShared);
    }

    // A month has 28 to 31 days, and a day of a zone that changes its clocks an hour less or more.
    private static string NameOf(TimeSpan length) => length.TotalHours switch
    {
        1 => "hour",
        >= 23 and <= 25 => "day",
        >= 167 and <= 169 => "week",
        >= 671 and <= 745 => "month",
        _ => length.ToString("c", System.Globalization.CultureInfo.InvariantCulture),
    };
}
