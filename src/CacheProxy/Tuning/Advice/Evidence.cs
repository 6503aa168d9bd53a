using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Tuning.Advice;

/// <summary>One candidate whose outcome is known.</summary>
/// <param name="Model">As clients name it; empty: any.</param>
/// <param name="Route">Empty: any.</param>
/// <param name="Label">Its probability, and whether its answer was right.</param>
/// <param name="AgeSeconds">How old the answer was; null: not known.</param>
public readonly record struct Evidence(string Model, string Route, ScoredLabel Label, long? AgeSeconds);
