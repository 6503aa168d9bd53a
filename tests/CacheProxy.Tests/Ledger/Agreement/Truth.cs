using CacheProxy.Ledger;

namespace CacheProxy.Tests.Ledger.Agreement;

/// <summary>All requests, one by one; every sum is made anew from them.</summary>
internal sealed class Truth
{
    private readonly List<(DateTimeOffset Time, LedgerRow Row, FigureSums Sums)> _requests = [];

    public int Count => _requests.Count;

    public IEnumerable<string> Tenants => _requests.Select(request => request.Row.Tenant).Distinct();

    public void Add(in SyntheticRequest request) => _requests.Add((request.Row.Time, request.Row, FigureSums.Of(request)));

    public FigureSums Sum(DateTimeOffset from, DateTimeOffset to, string? tenant = null, string? model = null)
    {
        FigureSums sum = default;
        foreach ((DateTimeOffset time, LedgerRow row, FigureSums sums) in _requests)
        {
            if (time >= from && time < to && (tenant is null || tenant == row.Tenant) && (model is null || model == row.Model))
            {
                sum += sums;
            }
        }

        return sum;
    }

    public Dictionary<string, FigureSums> By(LedgerDimension dimension, DateTimeOffset from, DateTimeOffset to)
    {
        var groups = new Dictionary<string, FigureSums>();
        foreach ((DateTimeOffset time, LedgerRow row, FigureSums sums) in _requests)
        {
            string? key = dimension switch
            {
                LedgerDimension.Tenant => row.Tenant,
                LedgerDimension.Model => row.Model,
                LedgerDimension.User => row.User,
                LedgerDimension.Entry => row.EntryId,
                _ => throw new ArgumentOutOfRangeException(nameof(dimension)),
            };
            if (time >= from && time < to && key is not null)
            {
                groups[key] = groups.GetValueOrDefault(key) + sums;
            }
        }

        return groups;
    }

    /// <summary>Money by model of the requests from a number on, as <c>/metrics</c> of a process that saw them counts it.</summary>
    public Dictionary<string, FigureSums> ByModelSince(int first)
        => _requests.Skip(first).GroupBy(request => request.Row.Model).ToDictionary(group => group.Key, group => group.Aggregate(default(FigureSums), (sum, request) => sum + request.Sums));
}
