namespace CacheProxy.Dashboard.Api;

/// <summary>The tiles.</summary>
/// <param name="Work">What the cache did by itself, by cause: <c>refresh</c>, <c>audit</c>, <c>judge</c>, <c>embedding</c>.</param>
/// <param name="Semantic">How much of the saving rests on semantic hits, and how often those were wrong.</param>
/// <param name="MergedRows">Requests since the start that are in all sums but have no row of their own.</param>
/// <param name="LostRows">Requests since the start that are in no sum: the ledger could not be written.</param>
/// <param name="Notice">Why figures are missing; null: they are not.</param>
public sealed record SummaryView(
    RangeView Range, FiguresView Totals, IReadOnlyList<WorkView> Work, SemanticShareView Semantic, LatencyView Latency, long MergedRows, long LostRows, string? Notice);

/// <param name="Work">Who caused it.</param>
/// <param name="PartPriceCalls">In the sum with a part of what they cost.</param>
public sealed record WorkView(string Work, long Calls, long PaidNanodollars, long UnknownPriceCalls, long PartPriceCalls)
{
    public decimal PaidUsd => FiguresView.Usd(PaidNanodollars);
}

/// <param name="Hits">Semantic ones within the range.</param>
/// <param name="SavedNanodollars">By them.</param>
/// <param name="SavedByRightNanodollars">Of it: by right answers, by the audits' share; null: none was audited.</param>
/// <param name="SavedAtLeastNanodollars">The same at the upper end of the share's interval.</param>
/// <param name="Audited">Served hits that were compared with the upstream's own answer: of the tenant and model that are asked for, and not of the range but of what is remembered.</param>
/// <param name="Wrong">Of the audited.</param>
/// <param name="SaidWrong">By users.</param>
/// <param name="WrongOfServed">Estimate of the audits; null: none was audited.</param>
/// <param name="WrongOfServedLow">95 % interval.</param>
public sealed record SemanticShareView(
    long Hits, long SavedNanodollars, long? SavedByRightNanodollars, long? SavedAtLeastNanodollars,
    long Audited, long Wrong, long SaidWrong, double? WrongOfServed, double? WrongOfServedLow, double? WrongOfServedHigh)
{
    public decimal SavedUsd => FiguresView.Usd(SavedNanodollars);
}
