namespace CacheProxy.Stores.Resilience;

/// <summary>How one dependency is.</summary>
/// <param name="IsHealthy">See <see cref="ResilientCall.IsHealthy"/>.</param>
/// <param name="Breaker"><c>closed</c>; <c>open</c>: it is not asked; <c>half_open</c>: one call finds out whether it is well again; <c>isolated</c>.</param>
/// <param name="P50Seconds">Of the last thousand calls that were made; null: there was none.</param>
/// <param name="LastFault">Since the start; null: none.</param>
public sealed record CallReport(string Name, bool IsHealthy, string Breaker, CallCounts Counts, double? P50Seconds, double? P99Seconds, string? LastFault);
