namespace CacheProxy.Dashboard.Api;

/// <summary>The tiles.</summary>
/// <param name="Totals">Clients' requests, and the overhead of all work.</param>
/// <param name="Work">What was paid beside clients' requests, by cause: <c>refresh</c>, <c>audit</c>, <c>judge</c>, <c>embedding</c>.</param>
/// <param name="Semantic">How much of the saving rests on semantic hits, and how often those were wrong.</param>
/// <param name="Latency">Of the whole range.</param>
/// <param name="DroppedRows">Requests since the start that are in the sums but have no row of their own.</param>
/// <param name="Notice">Why figures are missing; null: they are not.</param>
public sealed record SummaryView(
    RangeView Range, FiguresView Totals, IReadOnlyList<WorkView> Work, SemanticShareView Semantic, LatencyView Latency, long DroppedRows, string? Notice);

/// <param name="Work">Who caused it.</param>
public sealed record WorkView(string Work, long Calls, long PaidNanodollars, long UnknownPriceCalls)
{
    public decimal PaidUsd => PaidNanodollars / 1e9m;
}

/// <param name="Hits">Semantic ones within the range.</param>
/// <param name="Audited">Served hits of all scopes that were compared with the upstream's own answer; not of this range, but of what is remembered.</param>
/// <param name="WrongOfServed">Estimate; null: none was audited.</param>
/// <param name="WrongOfServedLow">95 % interval.</param>
public sealed record SemanticShareView(
    long Hits, long SavedNanodollars, long Audited, long Wrong, long SaidWrong, double? WrongOfServed, double? WrongOfServedLow, double? WrongOfServedHigh)
{
    public decimal SavedUsd => SavedNanodollars / 1e9m;
}
