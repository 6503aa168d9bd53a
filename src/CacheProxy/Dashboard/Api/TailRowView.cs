namespace CacheProxy.Dashboard.Api;

/// <summary>One request of the live tail: never a text of prompt or answer.</summary>
/// <param name="Work"><c>client</c>, or who else caused it.</param>
/// <param name="IsPartPriced">What it paid or saved is the least of it: the provider charges for more than tokens.</param>
/// <param name="Requests">More than 1: so many equal ones were put together.</param>
public sealed record TailRowView(
    DateTimeOffset Time, string Work, long Requests, string Tenant, string? User, string Model, string? Upstream, string? Route, string Namespace, string Dialect,
    string Outcome, string? Reason, int Status, long? PromptTokens, long? CompletionTokens, long? CachedTokens, long? PaidNanodollars, long? SavedNanodollars,
    long OverheadNanodollars, double? FirstByteSeconds, double? TotalSeconds, double? MissSeconds, string? EntryId, string? PrefixId, double? Similarity, bool IsPartPriced)
{
    public decimal? PaidUsd => PaidNanodollars is { } nanodollars ? FiguresView.Usd(nanodollars) : null;

    public decimal? SavedUsd => SavedNanodollars is { } saved ? FiguresView.Usd(saved) : null;
}

/// <param name="Dropped">Rows that this reader was too slow for, since it began.</param>
public sealed record TailDroppedView(long Dropped);
