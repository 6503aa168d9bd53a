using System.Diagnostics.Metrics;
using CacheProxy.Observability;

namespace CacheProxy.Budget;

/// <summary>Counters of what budgets did. Labels are names of the settings alone.</summary>
public sealed class BudgetMetrics
{
    private const string Budget = "cacheproxy.budget.name";

    private readonly Counter<long> _refusals;
    private readonly Counter<long> _reached;
    private readonly Counter<long> _unpriced;

    public BudgetMetrics(IMeterFactory factory)
    {
        Meter meter = factory.Create(CacheProxyMetrics.MeterName);
        _refusals = meter.CreateCounter<long>("cacheproxy.budget.refusals", "{request}", "Requests that a hard budget refused");
        _reached = meter.CreateCounter<long>("cacheproxy.budget.alarms", "{alarm}", "Windows in which a budget was nearly or wholly used, counted by every proxy that saw it");
        _unpriced = meter.CreateCounter<long>("cacheproxy.budget.unpriced", "{request}", "Calls that a budget of money could not see");
    }

    public void Refused(string budget) => _refusals.Add(1, new KeyValuePair<string, object?>(Budget, budget));

    public void Reached(string budget, BudgetLevel level)
        => _reached.Add(1, new(Budget, budget), new("cacheproxy.budget.level", level == BudgetLevel.Hard ? "hard" : "soft"));

    public void Unpriced(string budget) => _unpriced.Add(1, new KeyValuePair<string, object?>(Budget, budget));
}
