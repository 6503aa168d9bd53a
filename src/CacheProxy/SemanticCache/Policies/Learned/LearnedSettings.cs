namespace CacheProxy.SemanticCache.Policies.Learned;

/// <param name="ErrorBound">Wrong answers over all looked-up requests of a scope that are allowed, 0..1.</param>
/// <param name="ServedBound">Wrong answers among the served that are allowed, 0..1.</param>
/// <param name="MinimumProbability">Of being right, below which nothing is served however much of the bound is left.</param>
/// <param name="ExploreShare">Of what could be served, the share that is asked upstream to find out, 0..1.</param>
public readonly record struct LearnedSettings(double ErrorBound, double ServedBound, double MinimumProbability, double ExploreShare);
