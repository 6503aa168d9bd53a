namespace CacheProxy.Tuning.Statistics;

/// <param name="Score">By which pairs are ranked; higher is surer. No number counts as below everything.</param>
/// <param name="IsRight">Serving it is right.</param>
public readonly record struct ScoredLabel(double Score, bool IsRight);
