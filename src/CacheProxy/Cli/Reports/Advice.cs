using CacheProxy.Ledger;

namespace CacheProxy.Cli.Reports;

/// <summary>Something to change.</summary>
/// <param name="Kind"><c>volatile_prefix</c>, <c>ttl</c>, <c>never_hits</c>, <c>threshold</c>, <c>price</c>, <c>overhead</c>.</param>
/// <param name="Title">What to do.</param>
/// <param name="Because">What was seen, in figures.</param>
/// <param name="Setting">The setting as it is written; null: what is to be changed is outside the proxy.</param>
/// <param name="Effect">What it would have saved within the range; null: not known.</param>
/// <param name="Requests">That it concerns.</param>
/// <param name="Tokens">That need not have been computed; 0: not known.</param>
/// <param name="Seconds">That clients need not have waited; 0: not known.</param>
internal sealed record Advice(string Kind, string Title, string Because, string? Setting, Money? Effect, long Requests, long Tokens = 0, double Seconds = 0);
