using System.Diagnostics.Metrics;
using CacheProxy.Observability;

namespace CacheProxy.Budget;

/// <summary>How full the budgets are, asked when metrics are read. Of budgets that each tenant, user or model has, the fullest counts: labels are names of the settings alone.</summary>
public sealed class BudgetGauges
{
    private const string Budget = "cacheproxy.budget.name";

    public BudgetGauges(IMeterFactory factory, IBudgetStates states)
    {
        Meter meter = factory.Create(CacheProxyMetrics.MeterName);
        meter.CreateObservableGauge(
            "cacheproxy.budget.used", () => Measure(states, state => state.UsedShare), "1", "Part of the budget that is used in its present window; of several accounts the fullest");
        meter.CreateObservableGauge(
            "cacheproxy.budget.soft", () => Measure(states, state => state.SoftShare), "1", "Part of the budget from which on it warns");
    }

    private static IEnumerable<Measurement<double>> Measure(IBudgetStates states, Func<BudgetState, double> read)
        => from state in states.All
           group read(state) by (state.Name, state.IsHard) into budget
           select new Measurement<double>(budget.Max(), [new(Budget, budget.Key.Name), new("cacheproxy.budget.hard", budget.Key.IsHard)]);
}
